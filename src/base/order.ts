/**
 * Indexes in the order of numbers: a merge sort over typed arrays, because a sort that calls back for every comparison
 * costs ten times as much, and most of a capture's records stand in order already.
 */

/** Indexes of `keys`, ascending by key; equal keys keep their order. */
export function orderOf(keys: Float64Array): Int32Array {
  let from = new Int32Array(keys.length);
  for (let i = 0; i < from.length; i++) from[i] = i;
  if (isAscending(keys)) return from;
  let into = new Int32Array(keys.length);
  for (let width = 1; width < keys.length; width *= 2) {
    for (let low = 0; low < keys.length; low += 2 * width) merge(keys, from, into, low, width);
    [from, into] = [into, from];
  }
  return from;
}

function isAscending(keys: Float64Array): boolean {
  for (let i = 1; i < keys.length; i++) {
    if ((keys[i] as number) < (keys[i - 1] as number)) return false;
  }
  return true;
}

/** Two runs of `from`, one behind the other, into one run. */
function merge(
  keys: Float64Array,
  from: Int32Array,
  into: Int32Array,
  low: number,
  width: number,
): void {
  const middle = Math.min(low + width, from.length);
  const end = Math.min(low + 2 * width, from.length);
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
