/** Packed rows and records from names and values: the tables of base/silence.ts, written instead of read. */
import { type Layout, layoutBytes, type Storage } from '../../src/base/layout.ts';
import { readSilence, type SilenceRecord } from '../../src/base/record.ts';
import { SILENCE, SURVIVOR_BIN } from '../../src/base/silence.ts';
import { mergeSurvivors } from '../../src/dispatch/gathered.ts';

export type Value = number | bigint | readonly number[];

type Writer = (view: DataView, at: number, value: Value) => void;

const WRITERS: Readonly<Record<Storage, Writer>> = {
  u8: (view, at, value) => view.setUint8(at, Number(value)),
  i8: (view, at, value) => view.setInt8(at, Number(value)),
  u16: (view, at, value) => view.setUint16(at, Number(value), true),
  u32: (view, at, value) => view.setUint32(at, Number(value), true),
  i32: (view, at, value) => view.setInt32(at, Number(value), true),
  u64: (view, at, value) => view.setBigUint64(at, BigInt(value as number | bigint), true),
  bytes16: (view, at, value) => {
    (value as readonly number[]).forEach((byte, i) => view.setUint8(at + i, byte));
  },
};

export type Values<L extends Layout> = { readonly [K in keyof L]?: Value };

export function packed<L extends Layout>(layout: L, rows: readonly Values<L>[]): Uint8Array {
  const size = layoutBytes(layout);
  const view = new DataView(new ArrayBuffer(size * rows.length));
  rows.forEach((row, i) => {
    for (const [name, value] of Object.entries(row)) {
      const [offset, storage] = layout[name] as Layout[string];
      WRITERS[storage](view, i * size + offset, value as Value);
    }
  });
  return new Uint8Array(view.buffer);
}

/** Rows of the lab's server where they say nothing else, in order as one shard's are. */
export const survivorRows = (rows: readonly Values<typeof SURVIVOR_BIN>[]): Uint8Array =>
  mergeSurvivors([
    packed(
      SURVIVOR_BIN,
      rows.map((row) => ({ ...SERVER, ...row })),
    ),
  ]);

export const second = (s: number): bigint => BigInt(Math.round(s * 1e9));

/** 198.51.100.9:27017 at capture point 0: the responder of the lab. */
export const SERVER = {
  responderAddress: [198, 51, 100, 9],
  responderPort: 27017,
  ipVersion: 4,
} as const;

export function record(values: Values<typeof SILENCE> = {}): SilenceRecord {
  const originator = { originatorAddress: [192, 168, 77, 2], originatorPort: 35724 };
  return readSilence(packed(SILENCE, [{ ...SERVER, ...originator, ...values }]), 0);
}
