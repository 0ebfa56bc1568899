/** Silences by length, in two columns: `counts[i]` of them lasted `seconds[i]`, in no particular order. */
export interface Lengths {
  readonly seconds: Float64Array;
  readonly counts: Float64Array;
}

export function joined(all: readonly Lengths[]): Lengths {
  const [only] = all;
  if (only !== undefined && all.length === 1) return only;
  return {
    seconds: concatenated(all.map(({ seconds }) => seconds)),
    counts: concatenated(all.map(({ counts }) => counts)),
  };
}

/** Those with a length from `from` on and below `until`. */
export function within({ seconds, counts }: Lengths, from: number, until: number): Lengths {
  const isWithin = (length: number): boolean => from <= length && length < until;
  return {
    seconds: seconds.filter(isWithin),
    counts: counts.filter((_, i) => isWithin(seconds[i] as number)),
  };
}

export const sumOf = (counts: Float64Array): number =>
  counts.reduce((sum, count) => sum + count, 0);

/** 0 where there are none. */
export function longestOf(seconds: Float64Array): number {
  let longest = 0;
  for (let i = 0; i < seconds.length; i++) longest = Math.max(longest, seconds[i] as number);
  return longest;
}

/** Infinity where there are none. */
export function shortestOf(seconds: Float64Array): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < seconds.length; i++) shortest = Math.min(shortest, seconds[i] as number);
  return shortest;
}

function concatenated(all: readonly Float64Array[]): Float64Array {
  let size = 0;
  for (const one of all) size += one.length;
  const whole = new Float64Array(size);
  let at = 0;
  for (const one of all) {
    whole.set(one, at);
    at += one.length;
  }
  return whole;
}
