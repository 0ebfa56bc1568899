/**
 * Counted rows of several shards → one table. Two connections of one responder may live in different shards, so a
 * row with the same key comes from each: what it counts is added or the larger kept, which no order can change, and
 * the table is sorted by key. One shard's rows go the same way.
 */
import { type Layout, layoutBytes, STORAGE_BYTES } from '../base/layout.ts';
import { ALIVE_STRIP, RESET_SECOND, SURVIVOR_BIN } from '../base/silence.ts';

interface Table {
  readonly layout: Layout;
  /** Fields that are not part of the key. */
  readonly values: readonly string[];
  merge(into: DataView, from: DataView): void;
}

const U32_MAX = 0xffff_ffff;

function addCount(into: DataView, from: DataView, at: number): void {
  into.setUint32(at, Math.min(U32_MAX, into.getUint32(at, true) + from.getUint32(at, true)), true);
}

function mergeBin(into: DataView, from: DataView): void {
  addCount(into, from, SURVIVOR_BIN.count[0]);
  addCount(into, from, SURVIVOR_BIN.keepalives[0]);
  const [length, frame] = [SURVIVOR_BIN.longestNs[0], SURVIVOR_BIN.longestFrame[0]];
  const [mine, theirs] = [into.getBigUint64(length, true), from.getBigUint64(length, true)];
  const [myFrame, theirFrame] = [into.getBigUint64(frame, true), from.getBigUint64(frame, true)];
  if (theirs < mine || (theirs === mine && theirFrame >= myFrame)) return;
  into.setBigUint64(length, theirs, true);
  into.setBigUint64(frame, theirFrame, true);
}

/** The older connection speaks louder: the larger nibble of each second. */
function mergeStrip(into: DataView, from: DataView): void {
  const end = ALIVE_STRIP.ages3[0] + STORAGE_BYTES.bytes16;
  for (let at: number = ALIVE_STRIP.ages0[0]; at < end; at++) {
    const [a, b] = [into.getUint8(at), from.getUint8(at)];
    into.setUint8(at, Math.max(a & 0xf0, b & 0xf0) | Math.max(a & 0x0f, b & 0x0f));
  }
}

function mergeSecond(into: DataView, from: DataView): void {
  addCount(into, from, RESET_SECOND.count[0]);
  addCount(into, from, RESET_SECOND.middlebox[0]);
  const frame = RESET_SECOND.firstFrame[0];
  if (from.getBigUint64(frame, true) < into.getBigUint64(frame, true)) {
    into.setBigUint64(frame, from.getBigUint64(frame, true), true);
  }
}

const SURVIVORS: Table = {
  layout: SURVIVOR_BIN,
  values: ['count', 'keepalives', 'longestNs', 'longestFrame'],
  merge: mergeBin,
};
const ALIVE: Table = {
  layout: ALIVE_STRIP,
  values: ['ages0', 'ages1', 'ages2', 'ages3'],
  merge: mergeStrip,
};
const SECONDS: Table = {
  layout: RESET_SECOND,
  values: ['count', 'middlebox', 'firstFrame'],
  merge: mergeSecond,
};

export const mergeSurvivors = (parts: readonly Uint8Array[]): Uint8Array =>
  mergeRows(parts, SURVIVORS);
export const mergeAlive = (parts: readonly Uint8Array[]): Uint8Array => mergeRows(parts, ALIVE);
export const mergeResetSeconds = (parts: readonly Uint8Array[]): Uint8Array =>
  mergeRows(parts, SECONDS);

/** The key as text (one character a byte, what is counted blanked): what a Map can look up and a sort can compare. */
function keyReader({ layout, values }: Table): (row: Buffer) => string {
  const key = Buffer.alloc(layoutBytes(layout));
  const counted = values.map((name) => {
    const [offset, storage] = layout[name] ?? [0, 'u8'];
    return [offset, offset + STORAGE_BYTES[storage]] as const;
  });
  return (row) => {
    key.set(row);
    for (const [from, until] of counted) key.fill(0, from, until);
    return key.toString('latin1');
  };
}

const viewOf = (row: Uint8Array): DataView =>
  new DataView(row.buffer, row.byteOffset, row.byteLength);

function mergeRows(parts: readonly Uint8Array[], table: Table): Uint8Array {
  const size = layoutBytes(table.layout);
  const keyOf = keyReader(table);
  const bytes = Buffer.concat(parts);
  const rows = new Map<string, Buffer>();
  for (let at = 0; at + size <= bytes.byteLength; at += size) {
    const row = bytes.subarray(at, at + size);
    const key = keyOf(row);
    const known = rows.get(key);
    if (known === undefined) rows.set(key, row);
    else table.merge(viewOf(known), viewOf(row));
  }
  const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Uint8Array(Buffer.concat(sorted.map(([, row]) => row)));
}
