/**
 * Blind spots of the shards → one list. All saw the same spots, each asked its own connections: a suspected hole that
 * connections paused through, and none spoke in, was a pause of all of them, and the capture saw it.
 */
import { layoutBytes } from '../base/layout.ts';
import { BLIND_SPOT } from '../base/silence.ts';

const ROW = layoutBytes(BLIND_SPOT);
const MOST = 0xffff;
const SAID = [BLIND_SPOT.pausedThrough[0], BLIND_SPOT.spokeMeanwhile[0]] as const;
/** What tells one spot from another stands before what connections said of it. */
const KEY_BYTES = Math.min(...SAID);

const rowsOf = (part: Uint8Array): readonly Buffer[] =>
  Array.from({ length: part.byteLength / ROW }, (_, i) =>
    Buffer.from(part.subarray(i * ROW, (i + 1) * ROW)),
  );

const isBlind = (row: Buffer): boolean =>
  row.readUInt16LE(BLIND_SPOT.pausedThrough[0]) === 0 ||
  row.readUInt16LE(BLIND_SPOT.spokeMeanwhile[0]) > 0;

/** BLIND_SPOT records of each shard, in the order of the one that has most: one that lost a source has met fewer. */
export function mergeBlindSpots(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.every((part) => part.length === 0)) return new Uint8Array(0);
  const merged = new Map<string, Buffer>();
  for (const row of parts.toSorted((a, b) => b.length - a.length).flatMap(rowsOf)) {
    const key = row.toString('latin1', 0, KEY_BYTES);
    const sum = merged.get(key);
    if (sum === undefined) merged.set(key, row);
    else
      for (const at of SAID)
        sum.writeUInt16LE(Math.min(MOST, sum.readUInt16LE(at) + row.readUInt16LE(at)), at);
  }
  return new Uint8Array(Buffer.concat([...merged.values()].filter(isBlind)));
}
