/**
 * Silences of which nobody knows how they went on: open when the capture ended, or not observed as they were. A reader can
 * draw them beside the others; no estimate looks at them: a connection that had not spoken again says neither that the
 * box still knew it nor that it did not.
 *
 * The tracker counts them in bins. To these the judge adds the candidates of which it could not say enough, and from
 * these it takes those that were found again under another tuple: they are kills.
 */
import { type SideIndex, sideAt } from '../base/packed.ts';
import type { SilenceRecord } from '../base/record.ts';
import { OUTCOME, SILENCE_KIND, SURVIVOR_BIN, TCP_STATE } from '../base/silence.ts';
import { halfClosed, silenceNs } from '../judge/connection.ts';
import type { Judgement } from '../judge/finding.ts';
import { binOf } from './bins.ts';
import { type Responder, responderKey, responderOf, responderReader } from './responder.ts';
import { rowsOf } from './rows.ts';

export interface UndecidedBin {
  readonly responder: Responder;
  /** A silence that nobody broke is put with the originator's. */
  readonly firstSpeaker: SideIndex;
  /** TCP_STATE */
  readonly tcpState: number;
  readonly outcome: 'open' | 'unobserved';
  /** see bins.ts */
  readonly bin: number;
  readonly longestNs: bigint;
  readonly count: number;
}

/** Rows of the tracker, which it counted without the judge. */
export function readUndecided(packed: Uint8Array): UndecidedBin[] {
  const responderIn = responderReader(SURVIVOR_BIN);
  return Array.from(rowsOf(packed, SURVIVOR_BIN), (row) => ({
    responder: responderIn(row, 0),
    firstSpeaker: sideAt(row, SURVIVOR_BIN.firstSpeaker[0]),
    tcpState: row.getUint8(SURVIVOR_BIN.tcpState[0]),
    outcome: row.getUint8(SURVIVOR_BIN.outcome[0]) === OUTCOME.open ? 'open' : 'unobserved',
    bin: row.getUint16(SURVIVOR_BIN.bin[0], true),
    longestNs: row.getBigUint64(SURVIVOR_BIN.longestNs[0], true),
    count: row.getUint32(SURVIVOR_BIN.count[0], true),
  }));
}

const one = (record: SilenceRecord, outcome: UndecidedBin['outcome']): UndecidedBin => ({
  responder: responderOf(record),
  firstSpeaker: record.triggerBy,
  tcpState: halfClosed(record) ? TCP_STATE.halfClosed : TCP_STATE.established,
  outcome,
  bin: binOf(silenceNs(record)),
  longestNs: silenceNs(record),
  count: 1,
});

const COUNTED_BY_THE_JUDGE: readonly number[] = [OUTCOME.killed, OUTCOME.closed];

/** Candidates for a kill that the judge had to leave open. */
export function leftOpen(judgements: readonly Judgement[]): UndecidedBin[] {
  return judgements.flatMap(({ record, outcome, finding }) => {
    if (finding !== null || record.kind !== SILENCE_KIND.packet) return [];
    if (outcome !== 'open' && outcome !== 'unobserved') return [];
    return COUNTED_BY_THE_JUDGE.includes(record.outcome) ? [one(record, outcome)] : [];
  });
}

const keyOf = ({ responder, firstSpeaker, tcpState, outcome, bin }: UndecidedBin): string =>
  `${responderKey(responder)}|${firstSpeaker}|${tcpState}|${outcome}|${bin}`;

/** Counted open by the tracker, and then found again (path/correlate). */
const foundAgain = (judgements: readonly Judgement[]): readonly UndecidedBin[] =>
  judgements.flatMap(({ openUntilFound }) =>
    openUntilFound === undefined ? [] : [one(openUntilFound, 'open')],
  );

/** What the tracker counted, without those that were found again. */
export function withoutFound(
  bins: readonly UndecidedBin[],
  judgements: readonly Judgement[],
): readonly UndecidedBin[] {
  const found = new Map<string, number>();
  for (const bin of foundAgain(judgements)) {
    const key = keyOf(bin);
    found.set(key, (found.get(key) ?? 0) + 1);
  }
  if (found.size === 0) return bins;
  return bins.flatMap((bin) => {
    const count = bin.count - (found.get(keyOf(bin)) ?? 0);
    return count > 0 ? [{ ...bin, count }] : [];
  });
}
