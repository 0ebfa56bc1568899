/**
 * A second reader of capture files, in TypeScript, for taking lab captures apart before they are wrapped anew.
 * Little-endian pcap and pcapng as tcpdump and dumpcap write them here; anything else throws.
 */
import type { Recorded } from './frame.ts';

export function readCapture(bytes: Buffer): readonly Recorded[] {
  const magic = bytes.readUInt32LE(0);
  if (magic === 0x0a0d0d0a) return readPcapng(bytes);
  if (magic === 0xa1b2c3d4) return readPcap(bytes, 1000n);
  if (magic === 0xa1b23c4d) return readPcap(bytes, 1n);
  throw new Error(`no capture of ours: ${magic.toString(16)}`);
}

function readPcap(bytes: Buffer, nsPerTick: bigint): readonly Recorded[] {
  const linkType = bytes.readUInt32LE(20);
  const records: Recorded[] = [];
  for (let at = 24; at + 16 <= bytes.length; ) {
    const captured = bytes.readUInt32LE(at + 8);
    const second = BigInt(bytes.readUInt32LE(at)) * 1_000_000_000n;
    records.push({
      atNs: second + BigInt(bytes.readUInt32LE(at + 4)) * nsPerTick,
      point: '',
      linkType,
      bytes: bytes.subarray(at + 16, at + 16 + captured),
      onWire: bytes.readUInt32LE(at + 12),
    });
    at += 16 + captured;
  }
  return records;
}

interface Interface {
  readonly linkType: number;
  readonly name: string;
  readonly nsPerTick: bigint;
}

function readInterface(body: Buffer): Interface {
  let name = '';
  let nsPerTick = 1000n;
  for (let at = 8; at + 4 <= body.length; ) {
    const code = body.readUInt16LE(at);
    const length = body.readUInt16LE(at + 2);
    if (code === 2) name = body.toString('utf8', at + 4, at + 4 + length);
    if (code === 9) nsPerTick = 10n ** BigInt(9 - (body[at + 4] ?? 6));
    at += 4 + length + ((4 - (length % 4)) % 4);
  }
  return { linkType: body.readUInt16LE(0), name, nsPerTick };
}

function readPacket(body: Buffer, interfaces: readonly Interface[]): Recorded {
  const from = interfaces[body.readUInt32LE(0)];
  if (from === undefined) throw new Error('a packet of an unknown interface');
  const ticks = (BigInt(body.readUInt32LE(4)) << 32n) | BigInt(body.readUInt32LE(8));
  const captured = body.readUInt32LE(12);
  return {
    atNs: ticks * from.nsPerTick,
    point: from.name,
    linkType: from.linkType,
    bytes: body.subarray(20, 20 + captured),
    onWire: body.readUInt32LE(16),
  };
}

function readPcapng(bytes: Buffer): readonly Recorded[] {
  const interfaces: Interface[] = [];
  const records: Recorded[] = [];
  for (let at = 0; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32LE(at + 4);
    const body = bytes.subarray(at + 8, at + length - 4);
    if (bytes.readUInt32LE(at) === 1) interfaces.push(readInterface(body));
    if (bytes.readUInt32LE(at) === 6) records.push(readPacket(body, interfaces));
    at += length;
  }
  return records;
}
