/**
 * Memory that two languages read has one source: a table of fields in TypeScript.
 *
 * `scripts/print-layout.js` prints from these tables the C++ header and the TypeScript that reads their fields; both are
 * committed, the build and a test prove them fresh, and both carry the tables' fingerprint, so that a stale binary is a
 * message, not a mystery.
 */
export type Storage = 'u8' | 'i8' | 'u16' | 'u32' | 'i32' | 'u64' | 'bytes16';

export type Field = readonly [offset: number, storage: Storage, holds: string];

export interface Layout {
  readonly [name: string]: Field;
}

export const STORAGE_BYTES: Readonly<Record<Storage, number>> = {
  u8: 1,
  i8: 1,
  u16: 2,
  u32: 4,
  i32: 4,
  u64: 8,
  bytes16: 16,
};

/** Bytes of one record: the end of its last field, rounded up to 8. */
export function layoutBytes(layout: Layout): number {
  let end = 0;
  for (const [offset, storage] of Object.values(layout)) {
    end = Math.max(end, offset + STORAGE_BYTES[storage]);
  }
  return (end + 7) & ~7;
}

/** 32-bit FNV-1a over names, offsets and storage: changes when the meaning of a byte may have changed. */
export function layoutFingerprint(layouts: Readonly<Record<string, Layout>>): number {
  let hash = 0x811c9dc5;
  const text = JSON.stringify(
    Object.entries(layouts).map(([name, layout]) => [
      name,
      Object.entries(layout).map(([field, [offset, storage]]) => [field, offset, storage]),
    ]),
  );
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}
