/**
 * Blind spots of the shards → one list. All saw the same spots, each asked its own connections: a suspected hole that
 * connections paused through, and none spoke in, was a pause of all of them, and the capture saw it.
 */
import { layoutBytes } from '../base/layout.ts';
import { BLIND_SPOT } from '../base/silence.ts';

const ROW = layoutBytes(BLIND_SPOT);

/** BLIND_SPOT records of each shard, in the same order. */
export function mergeBlindSpots(parts: readonly Uint8Array[]): Uint8Array {
  const [first = new Uint8Array()] = parts;
  const views = parts.map((part) => new DataView(part.buffer, part.byteOffset, part.byteLength));
  const said = (at: number, [offset]: readonly [number, ...unknown[]]): number =>
    views.reduce((sum, view) => sum + view.getUint16(at + offset, true), 0);
  const rows = Array.from({ length: first.byteLength / ROW }, (_, i) => i * ROW);
  const blind = rows.filter(
    (at) => said(at, BLIND_SPOT.pausedThrough) === 0 || said(at, BLIND_SPOT.spokeMeanwhile) > 0,
  );
  if (blind.length === rows.length) return first;
  return new Uint8Array(Buffer.concat(blind.map((at) => first.subarray(at, at + ROW))));
}
