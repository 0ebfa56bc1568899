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
function keysOf(part: Uint8Array): readonly string[] {
  const text = Buffer.from(part.buffer, part.byteOffset, part.byteLength);
  return Array.from({ length: part.byteLength / ROW }, (_, i) =>
    text.toString('latin1', i * ROW, i * ROW + Math.min(...SAID)),
  );
}

/** BLIND_SPOT records of each shard. One that lost a source has met fewer. */
export function mergeBlindSpots(parts: readonly Uint8Array[]): Uint8Array {
  const most = parts.reduce(
    (all, part) => (part.length > all.length ? part : all),
    new Uint8Array(),
  );
  const seen = parts.map((part) => {
    const view = new DataView(part.buffer, part.byteOffset, part.byteLength);
    return { view, at: new Map(keysOf(part).map((key, i) => [key, i * ROW])) };
  });
  const merged = Uint8Array.from(most);
  const out = new DataView(merged.buffer);
  const blind = keysOf(most).flatMap((key, i) => {
    const [paused = 0, spoke = 0] = SAID.map((offset) => {
      const said = seen.map(({ view, at }) => {
        const row = at.get(key);
        return row === undefined ? 0 : view.getUint16(row + offset, true);
      });
      const sum = said.reduce((all, one) => all + one, 0);
      out.setUint16(i * ROW + offset, Math.min(sum, MOST), true);
      return sum;
    });
    return paused === 0 || spoke > 0 ? [merged.subarray(i * ROW, (i + 1) * ROW)] : [];
  });
  return new Uint8Array(Buffer.concat(blind));
}
