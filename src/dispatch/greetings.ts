/**
 * First payloads of several shards → those that one shard would have kept: the earliest few of each responder, side and
 * kind of beginning. Each shard keeps its own earliest, so the earliest of all are among them.
 */
import { GREETING } from '../base/silence.ts';
import { layoutBytes } from '../base/layout.ts';

/** As native/flow/notes.cc. */
const KEPT = 3;

interface Row {
  readonly bytes: Buffer;
  readonly key: string;
  readonly atNs: bigint;
  readonly frame: bigint;
}

function rowAt(all: Buffer, at: number, size: number): Row {
  const bytes = all.subarray(at, at + size);
  const [from, until] = [GREETING.tunnelId[0], GREETING.fromStart[0] + 1];
  const key = Buffer.from(bytes.subarray(0, until));
  key.fill(0, GREETING.atNs[0], from).fill(0, GREETING.payload[0], GREETING.responderPort[0]);
  return {
    bytes,
    key: key.toString('latin1'),
    atNs: bytes.readBigUInt64LE(GREETING.atNs[0]),
    frame: bytes.readBigUInt64LE(GREETING.frame[0]),
  };
}

const compare = (a: bigint | string, b: bigint | string): number => (a < b ? -1 : a > b ? 1 : 0);

export function mergeGreetings(parts: readonly Uint8Array[]): Uint8Array {
  const size = layoutBytes(GREETING);
  const all = Buffer.concat(parts);
  const count = Math.floor(all.byteLength / size);
  const rows = Array.from({ length: count }, (_, i) => rowAt(all, i * size, size));
  rows.sort(
    (a, b) => compare(a.key, b.key) || compare(a.atNs, b.atNs) || compare(a.frame, b.frame),
  );
  const kept = rows.filter((row, i) => rows[i - KEPT]?.key !== row.key);
  return new Uint8Array(Buffer.concat(kept.map(({ bytes }) => bytes)));
}
