/**
 * Observations of one path in order: how many silences of each length survived and how many were killed, with running
 * sums, so that any split into "below T" and "above T" costs two look-ups.
 */

/** `killed` and `survived` silences of one length (or of one bin: at most 1 % apart). */
export interface Observation {
  readonly seconds: number;
  readonly killed: number;
  readonly survived: number;
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

export function ladder(observations: readonly Observation[]): Ladder {
  const sorted = [...observations].sort((a, b) => a.seconds - b.seconds);
  const at = new Float64Array(sorted.length);
  const killedBelow = new Float64Array(sorted.length + 1);
  const survivedBelow = new Float64Array(sorted.length + 1);
  let [rungs, killed, survived] = [0, 0, 0];
  for (const one of sorted) {
    killed += one.killed;
    survived += one.survived;
    if (rungs === 0 || at[rungs - 1] !== one.seconds) at[rungs++] = one.seconds;
    killedBelow[rungs] = killed;
    survivedBelow[rungs] = survived;
  }
  return {
    at: at.subarray(0, rungs),
    killedBelow: killedBelow.subarray(0, rungs + 1),
    survivedBelow: survivedBelow.subarray(0, rungs + 1),
    killed,
    survived,
  };
}

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
