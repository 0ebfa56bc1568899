/**
 * Observations of one path in order: how many silences of each length survived and how many were killed, with running
 * sums, so that any split into "below T" and "above T" costs two look-ups.
 */

import { ladderOf } from '../../capture/numbers.ts';
import { type Lengths, within } from './lengths.ts';

/** What one path shows on one clock. */
export interface Observed {
  readonly survived: Lengths;
  /** Seconds, one a kill. */
  readonly killed: Float64Array;
}

/** Split i puts rungs 0 … i−1 below T and the rest above: there is one split more than there are rungs. */
export interface Ladder {
  /** Lengths, ascending, each once. */
  readonly at: Float64Array;
  /** Sums over the rungs below each split; the last is the total. */
  readonly killedBelow: Float64Array;
  readonly survivedBelow: Float64Array;
  readonly killed: number;
  readonly survived: number;
}

export function ladder({ survived: { seconds, counts }, killed }: Observed): Ladder {
  const rungs = ladderOf(seconds, counts, killed);
  return { ...rungs, killed: killed.length, survived: rungs.survivedBelow.at(-1) ?? 0 };
}

/** Those with a length from `from` on and below `until`. */
export const cut = ({ survived, killed }: Observed, from: number, until: number): Observed => ({
  survived: within(survived, from, until),
  killed: killed.filter((length) => from <= length && length < until),
});

export interface Split {
  readonly killedBelow: number;
  readonly survivedBelow: number;
  readonly killedAbove: number;
  readonly survivedAbove: number;
}

export function splitAt(
  { killedBelow, survivedBelow, killed, survived }: Ladder,
  i: number,
): Split {
  const [k, s] = [killedBelow[i] ?? 0, survivedBelow[i] ?? 0];
  return { killedBelow: k, survivedBelow: s, killedAbove: killed - k, survivedAbove: survived - s };
}
