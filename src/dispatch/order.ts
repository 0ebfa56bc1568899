/**
 * Packed records of all shards → one array in an order that no shard count can change: by time, then by frame, then
 * by the bytes themselves (addresses and ports before anything else). No record becomes an object here.
 */
import { BIRTH, SILENCE } from '../base/silence.ts';
import { layoutBytes } from '../base/layout.ts';

interface Shape {
  readonly bytes: number;
  /** Offset of the u64 that is compared first. */
  readonly time: number;
  /** Offsets of frame numbers: the first that is not 0 counts. */
  readonly frames: readonly number[];
  /** Where the tuple starts: compared to the record's end, then what lies before it. */
  readonly tuple: number;
}

const SILENCE_ORDER: Shape = {
  bytes: layoutBytes(SILENCE),
  time: SILENCE.endedAtNs[0],
  frames: [SILENCE.frameEnding[0], SILENCE.frameTrigger[0], SILENCE.frameLastBefore[0]],
  tuple: SILENCE.originatorAddress[0],
};

const BIRTH_ORDER: Shape = {
  bytes: layoutBytes(BIRTH),
  time: BIRTH.atNs[0],
  frames: [BIRTH.frame[0]],
  tuple: BIRTH.sourceAddress[0],
};

export const orderSilences = (batches: readonly Uint8Array[]): Uint8Array =>
  order(batches, SILENCE_ORDER);
export const orderBirths = (batches: readonly Uint8Array[]): Uint8Array =>
  order(batches, BIRTH_ORDER);

interface Keys {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  readonly frame: Float64Array;
}

/** A u64 below 2^53 (frame numbers: source × 2^40 + number). */
const frameAt = (view: DataView, at: number): number =>
  view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);

function keysOf(bytes: Buffer, shape: Shape, count: number): Keys {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const high = new Uint32Array(count);
  const low = new Uint32Array(count);
  const frame = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const at = i * shape.bytes;
    low[i] = view.getUint32(at + shape.time, true);
    high[i] = view.getUint32(at + shape.time + 4, true);
    for (const offset of shape.frames) {
      frame[i] = frameAt(view, at + offset);
      if (frame[i] !== 0) break;
    }
  }
  return { high, low, frame };
}

function byBytes(bytes: Buffer, shape: Shape, a: number, b: number): number {
  const [one, other] = [a * shape.bytes, b * shape.bytes];
  const { tuple, bytes: size } = shape;
  return (
    bytes.compare(bytes, other + tuple, other + size, one + tuple, one + size) ||
    bytes.compare(bytes, other, other + tuple, one, one + tuple)
  );
}

function order(batches: readonly Uint8Array[], shape: Shape): Uint8Array {
  const bytes = Buffer.concat(batches);
  const count = Math.floor(bytes.byteLength / shape.bytes);
  const { high, low, frame } = keysOf(bytes, shape, count);
  const at = (keys: Uint32Array | Float64Array, i: number): number => keys[i] as number;
  const ranks = Uint32Array.from({ length: count }, (_, i) => i).sort(
    (a, b) =>
      at(high, a) - at(high, b) ||
      at(low, a) - at(low, b) ||
      at(frame, a) - at(frame, b) ||
      byBytes(bytes, shape, a, b),
  );
  const ordered = new Uint8Array(count * shape.bytes);
  ranks.forEach((rank, i) => {
    ordered.set(bytes.subarray(rank * shape.bytes, (rank + 1) * shape.bytes), i * shape.bytes);
  });
  return ordered;
}
