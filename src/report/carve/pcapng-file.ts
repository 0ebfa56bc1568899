/**
 * A small pcapng of one finding (draft-ietf-opsawg-pcapng): one section, one interface a link type, nanoseconds, little
 * endian.
 */
const SECTION = 0x0a0d0d0a;
const INTERFACE = 1;
const PACKET = 6;
const BYTE_ORDER = 0x1a2b3c4d;

const padded = (length: number): number => (length + 3) & ~3;

function block(type: number, body: Buffer): Buffer {
  const bytes = Buffer.alloc(12 + padded(body.length));
  bytes.writeUInt32LE(type, 0);
  bytes.writeUInt32LE(bytes.length, 4);
  body.copy(bytes, 8);
  bytes.writeUInt32LE(bytes.length, bytes.length - 4);
  return bytes;
}

export function sectionBlock(): Buffer {
  const body = Buffer.alloc(16);
  body.writeUInt32LE(BYTE_ORDER, 0);
  body.writeUInt16LE(1, 4);
  // Section length: not said.
  body.fill(0xff, 8);
  return block(SECTION, body);
}

/** Option if_tsresol (9): 10^-9 s. Snap length 0: no bound. */
export function interfaceBlock(linkType: number): Buffer {
  const body = Buffer.alloc(20);
  body.writeUInt16LE(linkType, 0);
  body.writeUInt16LE(9, 8);
  body.writeUInt16LE(1, 10);
  body.writeUInt8(9, 12);
  return block(INTERFACE, body);
}

export interface EvidencePacket {
  readonly atNs: bigint;
  readonly bytes: Uint8Array;
  readonly wireBytes: number;
}

export function packetBlock(at: number, { atNs, bytes, wireBytes }: EvidencePacket): Buffer {
  const body = Buffer.alloc(20 + bytes.length);
  body.writeUInt32LE(at, 0);
  body.writeUInt32LE(Number(BigInt.asUintN(32, atNs >> 32n)), 4);
  body.writeUInt32LE(Number(BigInt.asUintN(32, atNs)), 8);
  body.writeUInt32LE(bytes.length, 12);
  body.writeUInt32LE(Math.max(bytes.length, wireBytes), 16);
  body.set(bytes, 20);
  return block(PACKET, body);
}
