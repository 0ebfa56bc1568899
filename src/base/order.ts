/**
 * Indexes in the order of numbers: a merge sort of the runs that are there already, over typed arrays, because a sort that
 * calls back for every comparison costs ten times as much, and most of what is sorted are a few lists in order.
 */

/** Indexes of `keys`, ascending by key; equal keys keep their order. */
export function orderOf(keys: Float64Array): Int32Array {
  let from = new Int32Array(keys.length);
  for (let i = 0; i < from.length; i++) from[i] = i;
  let ends = runsOf(keys);
  if (ends.length < 2) return from;
  let into = new Int32Array(keys.length);
  for (; ends.length > 1; [from, into] = [into, from]) ends = mergeRuns(keys, from, into, ends);
  return from;
}

/** Where runs of ascending keys end. */
function runsOf(keys: Float64Array): Int32Array {
  const ends = new Int32Array(keys.length);
  let runs = 0;
  for (let i = 1; i < keys.length; i++) {
    if ((keys[i] as number) < (keys[i - 1] as number)) ends[runs++] = i;
  }
  if (keys.length > 0) ends[runs++] = keys.length;
  return ends.subarray(0, runs);
}

/** Runs of `from` two by two into runs of `into`, and where these end. */
function mergeRuns(
  keys: Float64Array,
  from: Int32Array,
  into: Int32Array,
  ends: Int32Array,
): Int32Array {
  const merged = new Int32Array((ends.length + 1) >> 1);
  let low = 0;
  for (let run = 0; run < merged.length; run++) {
    const middle = ends[2 * run] as number;
    const end = 2 * run + 1 < ends.length ? (ends[2 * run + 1] as number) : middle;
    merge(keys, from, into, low, middle, end);
    merged[run] = low = end;
  }
  return merged;
}

/** Two runs of `from`, one behind the other, into one run. */
function merge(
  keys: Float64Array,
  from: Int32Array,
  into: Int32Array,
  low: number,
  middle: number,
  end: number,
): void {
  let a = low;
  let b = middle;
  for (let at = low; at < end; at++) {
    const left = from[a] as number;
    const right = from[b] as number;
    const takesRight =
      a === middle || (b < end && (keys[right] as number) < (keys[left] as number));
    into[at] = takesRight ? right : left;
    if (takesRight) b++;
    else a++;
  }
}

/** The first index whose value is at least `least`; the length where none is. */
export function firstAtLeast<T extends number | bigint>(ascending: ArrayLike<T>, least: T): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as T) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** `values` at these indexes, in their order. */
export function pick(values: Float64Array, indexes: Int32Array): Float64Array {
  const picked = new Float64Array(indexes.length);
  for (let i = 0; i < indexes.length; i++) picked[i] = values[indexes[i] as number] as number;
  return picked;
}
