/** Numbers in order. */

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
