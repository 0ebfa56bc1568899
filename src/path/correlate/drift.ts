/**
 * How fast two clocks run apart: the slope through the offsets of packets that both saw.
 *
 * A quartz is some 20 millionths fast or slow, more when it is hot: half a second in seven hours. The slope is the median
 * of those between samples half a capture apart (Theil and Sen, thinned), which neither odd packets nor delays move;
 * each direction for itself, because what the ways differ is no drift. It is used only where it comes to something over
 * the capture. Clocks that are set (a step) are not followed: the line goes through the middle of both.
 */
import type { Sample } from './clocks.ts';

export interface Drift {
  readonly perSecond: number;
  /** On the clock that drifts; the offset is stated for this moment. */
  readonly atNs: bigint;
}

/** Chosen: less does not keep a packet from its twin (see twins.ts), and delays look like it. */
const LEAST_NS = 50_000_000;
const FEWEST = 8;

export const drifted = ({ perSecond, atNs }: Drift, ns: bigint): bigint =>
  BigInt(Math.round(perSecond * Number(ns - atNs)));

/** As it would be had the clock not drifted since `atNs`. */
export const levelled = (sample: Sample, drift: Drift): Sample => ({
  ...sample,
  apartNs: sample.apartNs - drifted(drift, sample.atNs),
});

const middle = (values: readonly number[]): number | undefined =>
  [...values].sort((a, b) => a - b)[values.length >> 1];

const byTime = (a: Sample, b: Sample): number => (a.atNs < b.atNs ? -1 : a.atNs > b.atNs ? 1 : 0);

/** Between each sample and the one half of all further on. */
function slopes(sorted: readonly Sample[]): number[] {
  const half = sorted.length >> 1;
  return sorted.slice(0, half).flatMap((one, i) => {
    const other = sorted[i + half];
    if (other === undefined || other.atNs === one.atNs) return [];
    return [Number(other.apartNs - one.apartNs) / Number(other.atNs - one.atNs)];
  });
}

/** Null where nothing speaks for a drift. */
export function driftOf(samples: readonly Sample[]): Drift | null {
  if (samples.length < FEWEST) return null;
  const sorted = [...samples].sort(byTime);
  const [first, last] = [sorted[0]?.atNs ?? 0n, sorted.at(-1)?.atNs ?? 0n];
  const found = ([0, 1] as const).flatMap((side) => slopes(sorted.filter(({ by }) => by === side)));
  const perSecond = middle(found);
  if (perSecond === undefined || Math.abs(perSecond) * Number(last - first) < LEAST_NS) return null;
  return { perSecond, atNs: sorted[sorted.length >> 1]?.atNs ?? first };
}
