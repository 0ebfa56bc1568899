/** Walks packed rows: bytes in, one view a row out. */
import { type Layout, layoutBytes } from '../base/layout.ts';

export function* rowsOf(packed: Uint8Array, layout: Layout): Generator<DataView> {
  const size = layoutBytes(layout);
  for (let at = 0; at + size <= packed.byteLength; at += size) {
    yield new DataView(packed.buffer, packed.byteOffset + at, size);
  }
}

/** Adds to the list that stands under a key. */
export function gather<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/** Index of the first item of a sorted list at which `reached` holds; the list's length when none does. */
export function firstWhere<T>(sorted: readonly T[], reached: (item: T) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (reached(sorted[middle] as T)) high = middle;
    else low = middle + 1;
  }
  return low;
}
