/** Where everything of a silence plot stands; its height depends on the data alone, so nothing shifts. */
import type { PathReport } from '../../src/report/schema.ts';
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
export const NARROW = 520;
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
  const scale = logScale(low, high, 14, width - 14);
  const radius = width < NARROW ? 3 : 4;
  let y = TOP;
  const placed = lanes.map((lane): PlacedLane => {
    const top = y;
    y += LABEL + bodyOf(lane);
    const room = { bottom: y - 4, height: bodyOf(lane) - 6 };
    return { ...lane, top, bottom: y, drawn: drawLane(lane, scale, room, radius) };
  });
  const marksTop = y + AXIS + HANDLE;
  return {
    width,
    height: marksTop + MARK_ROWS * ROW + 6,
    scale,
    lanes: placed,
    lanesTop: TOP,
    lanesBottom: y,
    handleY: y + AXIS,
    ticks: ticksOf(scale, width < NARROW ? 52 : 64),
    marks: placeMarks(marksOf(path, scale.low, scale.high), scale, MARK_ROWS),
    marksTop,
    radius,
  };
}

export const rowY = (layout: PlotLayout, row: number): number => layout.marksTop + row * ROW + 12;
