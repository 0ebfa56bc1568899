/**
 * Blind spots of the shards → one list. All saw the same spots, each asked its own connections: a suspected hole that
 * connections paused through, and none spoke in, was a pause of all of them, and the capture saw it.
 */
import { layoutBytes } from '../base/layout.ts';
import { BLIND_SPOT } from '../base/silence.ts';

const ROW = layoutBytes(BLIND_SPOT);

const MOST = 0xffff;

/** BLIND_SPOT records of each shard, in the same order. */
export function mergeBlindSpots(parts: readonly Uint8Array[]): Uint8Array {
  const merged = Uint8Array.from(parts[0] ?? []);
  const out = new DataView(merged.buffer);
  const views = parts.map((part) => new DataView(part.buffer, part.byteOffset, part.byteLength));
  /** Adds up what the shards' connections said. */
  const said = (at: number, [offset]: readonly [number, ...unknown[]]): number => {
    const sum = views.reduce((all, view) => all + view.getUint16(at + offset, true), 0);
    out.setUint16(at + offset, Math.min(sum, MOST), true);
    return sum;
  };
  const rows = Array.from({ length: merged.byteLength / ROW }, (_, i) => i * ROW);
  const blind = rows.filter((at) => {
    const [paused, spoke] = [
      said(at, BLIND_SPOT.pausedThrough),
      said(at, BLIND_SPOT.spokeMeanwhile),
    ];
    return paused === 0 || spoke > 0;
  });
  return new Uint8Array(Buffer.concat(blind.map((at) => merged.subarray(at, at + ROW))));
}
