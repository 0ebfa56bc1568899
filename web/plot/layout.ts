/** Where everything of a silence plot stands; its height depends on the data alone, so nothing shifts. */
import type { PathReport } from '../../src/report/schema.ts';
import { signatureWords } from '../base/wording.ts';
import { marksOf, placeMarks, type Placed } from './known.ts';
import { type Drawn, drawLane } from './marks.ts';
import { logScale, rangeOf, type Scale, type Tick, ticksOf } from './scale.ts';
import { isDecided, isKill, type Lane, type Length } from './silences.ts';

const TOP = 50;
const LABEL = 20;
const AXIS = 24;
const HANDLE = 34;
const ROW = 17;
const MARK_ROWS = 3;
/** Chosen: on a telephone there is room for what matters only. */
const NARROW = 520;
/** Chosen: from here on the names of the lanes have a column of their own. */
const WIDE = 720;
/** Chosen: an average character of a lane's name, px; and what its mark and the gap behind it take. */
const CHARACTER = 7.2;
const BESIDE_NAME = 34;
/** A silence that a step of the clock made, years long, is drawn at the edge: the axis is for the others. */
const UNDECIDED_UP_TO = 5 * 86_400;

export interface PlacedLane extends Lane {
  readonly top: number;
  readonly bottom: number;
  readonly drawn: Drawn;
}

export interface PlotLayout {
  readonly width: number;
  readonly height: number;
  /** Where the names of the lanes stand: left of all lines, or above the marks. */
  readonly named: 'beside' | 'above' | 'narrow';
  readonly scale: Scale;
  readonly lanes: readonly PlacedLane[];
  readonly lanesTop: number;
  readonly lanesBottom: number;
  readonly handleY: number;
  readonly ticks: readonly Tick[];
  readonly marks: readonly Placed[];
  readonly marksTop: number;
  readonly radius: number;
}

export const nameOf = (outcome: string): string =>
  outcome === 'survived'
    ? 'Survived'
    : outcome === 'open'
      ? 'Open when the capture ended'
      : outcome === 'unobserved'
        ? 'Unobserved'
        : outcome === 'idle-close'
          ? 'Closed by an endpoint'
          : `Killed, ${signatureWords(outcome)}`;

function columnOfNames(lanes: readonly Lane[]): number {
  const longest = lanes.reduce(
    (most, { count, outcome }) =>
      Math.max(most, `${count.toLocaleString('en')} ${nameOf(outcome)}`.length),
    0,
  );
  return longest * CHARACTER + BESIDE_NAME;
}

const bodyOf = ({ outcome, count }: Lane): number =>
  outcome === 'survived' ? (count === 0 ? 24 : 84) : isKill(outcome) ? 58 : 34;

const lengthShown =
  (outcome: string) =>
  ({ seconds }: Length): number =>
    isDecided(outcome) ? seconds : Math.min(seconds, UNDECIDED_UP_TO);

/** All lengths that have to be in sight. */
function valuesOf(path: PathReport, lanes: readonly Lane[]): number[] {
  const { timeout, remedy, keepalive, hints } = path;
  return [
    ...lanes.flatMap(({ outcome, lengths }) => lengths.map(lengthShown(outcome))),
    ...hints.map(({ seconds }) => seconds),
    timeout.lowSeconds,
    timeout.highSeconds,
    timeout.estimateSeconds,
    path.endpointTimerSeconds,
    remedy?.keepaliveTimeSeconds ?? null,
    keepalive.seenEverySeconds,
  ].filter((value) => value !== null);
}

export function layOut(path: PathReport, lanes: readonly Lane[], width: number): PlotLayout {
  const [low, high] = rangeOf(valuesOf(path, lanes));
  const named = width < NARROW ? 'narrow' : width < WIDE ? 'above' : 'beside';
  const label = named === 'beside' ? 0 : LABEL;
  const scale = logScale(low, high, named === 'beside' ? columnOfNames(lanes) : 14, width - 14);
  const radius = named === 'narrow' ? 3 : 4;
  let y = TOP;
  const placed = lanes.map((lane): PlacedLane => {
    const top = y;
    y += LABEL + bodyOf(lane);
    const room = { bottom: y - 4, height: LABEL + bodyOf(lane) - label - 6 };
    return { ...lane, top, bottom: y, drawn: drawLane(lane, scale, room, radius) };
  });
  const marksTop = y + AXIS + HANDLE;
  return {
    width,
    named,
    height: marksTop + MARK_ROWS * ROW + 6,
    scale,
    lanes: placed,
    lanesTop: TOP,
    lanesBottom: y,
    handleY: y + AXIS,
    ticks: ticksOf(scale, named === 'narrow' ? 52 : 64),
    marks: placeMarks(marksOf(path, scale.low, scale.high), scale, MARK_ROWS),
    marksTop,
    radius,
  };
}

export const rowY = (layout: PlotLayout, row: number): number => layout.marksTop + row * ROW + 12;
