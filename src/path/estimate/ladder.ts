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
  readonly at: readonly number[];
  /** Sums over the rungs below each split; the last is the total. */
  readonly killedBelow: readonly number[];
  readonly survivedBelow: readonly number[];
  readonly killed: number;
  readonly survived: number;
}

export function ladder(observations: readonly Observation[]): Ladder {
  const sorted = [...observations].sort((a, b) => a.seconds - b.seconds);
  const at: number[] = [];
  const [killedBelow, survivedBelow] = [[0], [0]];
  let [killed, survived] = [0, 0];
  for (const one of sorted) {
    killed += one.killed;
    survived += one.survived;
    if (at.at(-1) !== one.seconds) at.push(one.seconds);
    killedBelow[at.length] = killed;
    survivedBelow[at.length] = survived;
  }
  return { at, killedBelow, survivedBelow, killed, survived };
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
