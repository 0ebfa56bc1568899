/**
 * Where everything of a ladder stands: lifelines from left to right, rows from top to bottom, a
 * broken axis where the silence was.
 */
import type { FindingReport } from '../../src/report/schema.ts';
import type { Ladder, LadderRow } from '../../src/report/ladder/schema.ts';
import { timesOf } from './words.ts';

const ROW = 34;
const GAP = 118;
const HEAD = 46;
const OMITTED = 30;
/** Chosen: an average character of a time, px. */
const CHARACTER = 6.7;

export interface Lifelines {
  readonly originator: number;
  readonly responder: number;
  /** Null where nothing points to a box. */
  readonly box: number | null;
}

export type Step =
  | {
      readonly kind: 'row';
      readonly y: number;
      readonly row: LadderRow;
      readonly index: number;
      readonly time: string;
    }
  | { readonly kind: 'silence'; readonly y: number; readonly height: number }
  | { readonly kind: 'omitted'; readonly y: number; readonly packets: number }
  | { readonly kind: 'reconnect'; readonly y: number; readonly afterSeconds: number };

export interface LadderLayout {
  readonly width: number;
  readonly height: number;
  readonly lines: Lifelines;
  readonly timeWidth: number;
  readonly steps: readonly Step[];
}

export const hasBox = (finding: FindingReport, ladder: Ladder): boolean =>
  ladder.nearSide !== null ||
  finding.emitter.is === 'middlebox' ||
  finding.signature === 'blackhole';

const isBefore = ({ role }: LadderRow): boolean => role === 'handshake' || role === 'before';

function stepsOf(
  finding: FindingReport,
  ladder: Ladder,
  times: readonly string[],
): { steps: Step[]; height: number } {
  const steps: Step[] = [];
  let y = HEAD;
  const push = (step: Step, height: number) => {
    steps.push(step);
    y += height;
  };
  let [omitted, silent] = [ladder.omittedBefore === 0, false];
  for (const [index, row] of ladder.rows.entries()) {
    if (!omitted && row.role !== 'handshake') {
      push({ kind: 'omitted', y, packets: ladder.omittedBefore }, OMITTED);
      omitted = true;
    }
    if (!silent && !isBefore(row)) {
      push({ kind: 'silence', y, height: GAP }, GAP);
      silent = true;
    }
    push({ kind: 'row', y, row, index, time: times[index] ?? '' }, ROW);
  }
  if (!silent) push({ kind: 'silence', y, height: GAP }, GAP);
  if (ladder.omittedAfter > 0) push({ kind: 'omitted', y, packets: ladder.omittedAfter }, OMITTED);
  const after = finding.ending.reconnectedAfterSeconds;
  if (after !== null && !ladder.rows.some(({ role }) => role === 'reconnect')) {
    push({ kind: 'reconnect', y, afterSeconds: after }, ROW);
  }
  return { steps, height: y + 14 };
}

export function layOutLadder(finding: FindingReport, ladder: Ladder, width: number): LadderLayout {
  const times = timesOf(ladder.rows, finding.silence.endedAt);
  const longest = times.reduce((most, { length }) => Math.max(most, length), 0);
  const timeWidth = Math.max(width < 520 ? 64 : 96, longest * CHARACTER + 12);
  const inset = width < 520 ? 34 : 70;
  const [originator, responder] = [timeWidth + inset, width - inset];
  const box = hasBox(finding, ladder) ? (originator + responder) / 2 : null;
  const lines = { originator, responder, box };
  return { width, timeWidth, lines, ...stepsOf(finding, ladder, times) };
}

export interface Arrow {
  readonly from: number;
  readonly to: number;
  /** It never arrived: the arrow ends in a cross. */
  readonly lost: boolean;
}

/** The half of the picture between the box and that end. */
function half(
  lines: Lifelines,
  box: number,
  end: 'originator' | 'responder',
  row: LadderRow,
): Arrow {
  const outwards = row.from === end;
  return { from: outwards ? lines[end] : box, to: outwards ? box : lines[end], lost: false };
}

const other = (end: 'originator' | 'responder') =>
  end === 'originator' ? 'responder' : 'originator';

/** Made by the box itself: the reset after a trigger, or at expiry. */
const fromBox = (row: LadderRow, finding: FindingReport): boolean =>
  row.role === 'ending' && finding.emitter.is === 'middlebox' && row.flags.includes('RST');

const unanswered = (row: LadderRow, finding: FindingReport): boolean =>
  finding.emitter.is === 'middlebox' || finding.signature === 'blackhole'
    ? row.role === 'trigger' || row.role === 'retransmission'
    : false;

/** From whom to whom a packet is drawn: no further than it is known to have come. */
export function arrowOf(
  row: LadderRow,
  finding: FindingReport,
  ladder: Ladder,
  lines: Lifelines,
): Arrow {
  const sender = row.from ?? 'responder';
  const whole = { from: lines[sender], to: lines[other(sender)], lost: false };
  const { box } = lines;
  if (box === null) return whole;
  if (ladder.nearSide !== null) {
    return half(lines, box, row.side === 'near' ? ladder.nearSide : other(ladder.nearSide), row);
  }
  if (row.from === null || fromBox(row, finding)) return { ...whole, from: box };
  if (unanswered(row, finding)) return { ...whole, to: box, lost: true };
  return whole;
}
