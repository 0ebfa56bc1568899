/** Writes real capture files: pcap and pcapng, either byte order, microseconds or nanoseconds. */
import type { Recorded } from './frame.ts';

export interface FileShape {
  readonly format?: 'pcap' | 'pcapng';
  readonly byteOrder?: 'little' | 'big';
  readonly resolution?: 'us' | 'ns';
  readonly snaplen?: number;
  /** For a file without any record. */
  readonly linkType?: number;
  /** Interfaces of a pcapng in this order, whether they have packets or not; else as they appear. */
  readonly points?: readonly string[];
}

/** Numbers in the byte order of the writing machine. */
class Writer {
  readonly #parts: Buffer[] = [];
  readonly #little: boolean;

  constructor(byteOrder: 'little' | 'big') {
    this.#little = byteOrder === 'little';
  }

  u16(...values: readonly number[]): this {
    for (const value of values) {
      const part = Buffer.alloc(2);
      if (this.#little) part.writeUInt16LE(value);
      else part.writeUInt16BE(value);
      this.#parts.push(part);
    }
    return this;
  }

  u32(...values: readonly number[]): this {
    for (const value of values) {
      const part = Buffer.alloc(4);
      if (this.#little) part.writeUInt32LE(value >>> 0);
      else part.writeUInt32BE(value >>> 0);
      this.#parts.push(part);
    }
    return this;
  }

  bytes(value: Uint8Array): this {
    this.#parts.push(Buffer.from(value));
    return this;
  }

  get done(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

export function captureFile(records: readonly Recorded[], shape: FileShape = {}): Buffer {
  return shape.format === 'pcapng' ? pcapng(records, shape) : pcap(records, shape);
}

const MAGIC = { us: 0xa1b2c3d4, ns: 0xa1b23c4d } as const;

function pcap(records: readonly Recorded[], shape: FileShape): Buffer {
  const { byteOrder = 'little', resolution = 'us', snaplen = 262144 } = shape;
  const linkType = records[0]?.linkType ?? shape.linkType ?? 1;
  const out = new Writer(byteOrder);
  out.u32(MAGIC[resolution]).u16(2, 4).u32(0, 0, snaplen, linkType);
  const perSecond = resolution === 'ns' ? 1_000_000_000n : 1_000_000n;
  for (const record of records) {
    if (record.linkType !== linkType) throw new Error('a pcap file has one link type');
    const ticks = (record.atNs * perSecond) / 1_000_000_000n;
    out.u32(
      Number(ticks / perSecond),
      Number(ticks % perSecond),
      record.bytes.length,
      record.onWire,
    );
    out.bytes(record.bytes);
  }
  return out.done;
}

const padded = (bytes: Uint8Array): Buffer =>
  Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);

function block(byteOrder: 'little' | 'big', type: number, body: Buffer): Buffer {
  const length = body.length + 12;
  return new Writer(byteOrder).u32(type, length).bytes(body).u32(length).done;
}

function interfaceBlock(record: Pick<Recorded, 'point' | 'linkType'>, shape: FileShape): Buffer {
  const { byteOrder = 'little', resolution = 'us', snaplen = 262144 } = shape;
  const body = new Writer(byteOrder).u16(record.linkType, 0).u32(snaplen);
  const name = Buffer.from(record.point);
  if (name.length > 0) body.u16(2, name.length).bytes(padded(name)); // if_name
  body.u16(9, 1).bytes(Buffer.from([resolution === 'ns' ? 9 : 6, 0, 0, 0])); // if_tsresol
  body.u16(0, 0); // opt_endofopt
  return block(byteOrder, 1, body.done);
}

function packetBlock(record: Recorded, interfaceId: number, shape: FileShape): Buffer {
  const { byteOrder = 'little', resolution = 'us' } = shape;
  const ticks = resolution === 'ns' ? record.atNs : record.atNs / 1000n;
  const body = new Writer(byteOrder)
    .u32(interfaceId, Number(ticks >> 32n), Number(ticks & 0xffffffffn))
    .u32(record.bytes.length, record.onWire)
    .bytes(padded(record.bytes));
  return block(byteOrder, 6, body.done);
}

/** draft-ietf-opsawg-pcapng: a section, its interfaces, enhanced packet blocks. */
function pcapng(records: readonly Recorded[], shape: FileShape): Buffer {
  const { byteOrder = 'little' } = shape;
  const section = new Writer(byteOrder).u32(0x1a2b3c4d).u16(1, 0).u32(0xffffffff, 0xffffffff).done;
  const ids = new Map<string, number>();
  const interfaces: Buffer[] = [];
  const idOf = (record: Pick<Recorded, 'point' | 'linkType'>): number => {
    const key = `${record.point} ${record.linkType}`;
    const id = ids.get(key) ?? ids.size;
    if (!ids.has(key)) interfaces.push(interfaceBlock(record, shape));
    ids.set(key, id);
    return id;
  };
  const linkType = records[0]?.linkType ?? shape.linkType ?? 1;
  for (const point of shape.points ?? []) idOf({ point, linkType });
  const packets = records.map((record) => packetBlock(record, idOf(record), shape));
  return Buffer.concat([block(byteOrder, 0x0a0d0d0a, section), ...interfaces, ...packets]);
}
