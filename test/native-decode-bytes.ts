/** Bytes of frames made by hand: what the dresses of native-decode-frames.ts are sewn from. */
import { ipPacket, PROTOCOL, udpPacket } from './kit/wire.ts';

/** Tunnel:: of native/silence.h. */
export const KIND = {
  none: 0,
  vxlan: 1,
  geneve: 2,
  gre: 3,
  gtpu: 4,
  erspan: 5,
  ipip: 6,
  nvgre: 7,
} as const;

export interface Dress {
  readonly name: string;
  readonly linkType: number;
  readonly wear: (ip: Buffer) => Buffer;
  readonly vlan?: number;
  readonly kind?: number;
  readonly id?: number;
  /** The only IP version that it carries. */
  readonly only?: 4 | 6;
  /** Why tshark does not see the same by default. */
  readonly tsharkDiffers?: string;
}

export const bytes = (...values: readonly number[]): Buffer => Buffer.from(values);
export const u16 = (value: number): Buffer => bytes(value >> 8, value & 255);
export const u32 = (value: number): Buffer =>
  Buffer.concat([u16(value >>> 16), u16(value & 0xffff)]);
export const join = (...parts: readonly Uint8Array[]): Buffer => Buffer.concat(parts);

export const isSix = (ip: Buffer): boolean => (ip[0] ?? 0) >> 4 === 6;
export const etherType = (ip: Buffer): Buffer => u16(isSix(ip) ? 0x86dd : 0x0800);
export const pppProtocol = (ip: Buffer): Buffer => u16(isSix(ip) ? 0x57 : 0x21);

export const MACS = bytes(2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2);
/** Manufacturers that tshark knows, which is how it tells Ethernet over MPLS without a control word. */
export const KNOWN_MACS = bytes(0, 0, 0x0c, 1, 2, 3, 0, 0, 0x0c, 4, 5, 6);

export const typed = (ip: Buffer): Buffer => join(etherType(ip), ip);
export const ethernet = (ip: Buffer): Buffer => join(MACS, typed(ip));
export const behindType = (type: number, body: Buffer): Buffer => join(MACS, u16(type), body);
export const tag = (type: number, id: number): Buffer => join(u16(type), u16(id));
export const llc = (ip: Buffer): Buffer => join(bytes(0xaa, 0xaa, 3, 0, 0, 0), typed(ip));
export const counted = (body: Buffer): Buffer => join(MACS, u16(body.length), body);
export const label = (value: number, bottom: boolean): Buffer =>
  u32((value << 12) | (bottom ? 0x100 : 0) | 64);

export const pppoe = (ip: Buffer): Buffer =>
  join(bytes(0x11, 0, 0, 1), u16(ip.length + 2), pppProtocol(ip), ip);

export const sll = (protocol: Buffer): Buffer =>
  join(bytes(0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0), protocol);
export const tlv = (type: number, body: Buffer): Buffer => {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(4 + body.length, 0);
  head.writeUInt16LE(type, 2);
  return join(head, body, Buffer.alloc((4 - (body.length % 4)) % 4));
};
export const le32 = (...values: readonly number[]): Buffer => {
  const out = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => out.writeUInt32LE(value >>> 0, 4 * i));
  return out;
};

/** Frame control, then addresses and sequence control; the body's LLC follows. */
export const dot11 = (control: number, flags: number, more: Uint8Array = bytes()): Buffer =>
  join(bytes(control, flags, 0, 0), MACS, bytes(2, 0, 0, 0, 0, 3), bytes(0, 0), more);
export const DATA = 0x08;
export const QOS = 0x88;
export const radiotap = (present: number, fields: Buffer): Buffer => {
  const head = bytes(0, 0, 8 + fields.length, 0);
  return join(head, le32(present), fields);
};

export const OUTER = {
  source: '172.16.0.1',
  destination: '172.16.0.2',
  ttl: 61,
  id: 99,
  dontFragment: false,
};
export const OUTER6 = { ...OUTER, source: 'fd00::1', destination: 'fd00::2' };

export const inIp = (protocol: number, body: Buffer, ip = OUTER): Buffer =>
  ethernet(ipPacket(ip, protocol, body));
export const inUdp = (port: number, body: Buffer, ip = OUTER): Buffer =>
  ethernet(udpPacket(ip, 50_000, port, body));
export const gre = (flags: number, protocol: Buffer, ...rest: readonly Buffer[]): Buffer =>
  inIp(PROTOCOL.gre, join(u16(flags), protocol, ...rest));
export const versionOf = (ip: Buffer): number => (isSix(ip) ? PROTOCOL.ipv6 : PROTOCOL.ipip);
export const TEB = u16(0x6558);
export const vni = (value: number): Buffer => u32(value << 8);

export const nestedIpip = (ip: Buffer, depth: number): Buffer =>
  depth === 0 ? ip : nestedIpip(ipPacket(OUTER, versionOf(ip), ip), depth - 1);

/** `depth` times IP in IPv4, in Ethernet. */
export const ipipTimes =
  (depth: number) =>
  (ip: Buffer): Buffer =>
    ethernet(nestedIpip(ip, depth));
