/**
 * Bytes as they stand on a wire: IP, TCP and ICMP headers with right lengths and right checksums, so that any
 * other program (tshark) reads a test's picture without a complaint.
 */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export interface IpFields {
  readonly source: string;
  readonly destination: string;
  readonly ttl: number;
  readonly id: number;
  readonly dontFragment: boolean;
}

export interface TcpFields {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly seq: number;
  readonly ack: number;
  readonly flags: number;
  readonly window: number;
  readonly options: Uint8Array;
  readonly payload: Uint8Array;
}

export const PROTOCOL = {
  icmp: 1,
  ipip: 4,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  gre: 47,
  icmp6: 58,
} as const;

export const isV6 = (address: string): boolean => address.includes(':');

export function addressBytes(address: string): Buffer {
  if (!isV6(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail = ''] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === '' ? [] : tail.split(':');
  const zeros = Array<string>(8 - before.length - after.length).fill('0');
  const groups = [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16));
  return Buffer.from(groups.flatMap((group) => [group >> 8, group & 255]));
}

/** RFC 1071: the one's complement of the one's complement sum. */
export function checksum(...parts: readonly Uint8Array[]): number {
  let sum = 0;
  const bytes = Buffer.concat(parts);
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** RFC 9293 §3.1, RFC 8200 §8.1: what a transport checksum covers besides the segment. */
function pseudoHeader(ip: IpFields, protocol: number, length: number): Buffer {
  const tail = Buffer.alloc(isV6(ip.source) ? 8 : 4);
  if (tail.length === 8) {
    tail.writeUInt32BE(length, 0);
    tail[7] = protocol;
  } else {
    tail[1] = protocol;
    tail.writeUInt16BE(length, 2);
  }
  return Buffer.concat([addressBytes(ip.source), addressBytes(ip.destination), tail]);
}

export function ipPacket(ip: IpFields, protocol: number, body: Uint8Array): Buffer {
  return isV6(ip.source) ? ipv6(ip, protocol, body) : ipv4(ip, protocol, body);
}

function ipv4(ip: IpFields, protocol: number, body: Uint8Array): Buffer {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(20 + body.length, 2);
  header.writeUInt16BE(ip.id & 0xffff, 4);
  header.writeUInt16BE(ip.dontFragment ? 0x4000 : 0, 6);
  header[8] = ip.ttl;
  header[9] = protocol;
  addressBytes(ip.source).copy(header, 12);
  addressBytes(ip.destination).copy(header, 16);
  header.writeUInt16BE(checksum(header), 10);
  return Buffer.concat([header, body]);
}

function ipv6(ip: IpFields, protocol: number, body: Uint8Array): Buffer {
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header.writeUInt16BE(body.length, 4);
  header[6] = protocol;
  header[7] = ip.ttl;
  addressBytes(ip.source).copy(header, 8);
  addressBytes(ip.destination).copy(header, 24);
  return Buffer.concat([header, body]);
}

export function tcpPacket(ip: IpFields, tcp: TcpFields): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(tcp.sourcePort, 0);
  header.writeUInt16BE(tcp.destinationPort, 2);
  header.writeUInt32BE(tcp.seq >>> 0, 4);
  header.writeUInt32BE(tcp.ack >>> 0, 8);
  header[12] = (5 + tcp.options.length / 4) << 4;
  header[13] = tcp.flags;
  header.writeUInt16BE(tcp.window, 14);
  const segment = Buffer.concat([header, tcp.options, tcp.payload]);
  segment.writeUInt16BE(checksum(pseudoHeader(ip, PROTOCOL.tcp, segment.length), segment), 16);
  return ipPacket(ip, PROTOCOL.tcp, segment);
}

export function udpPacket(ip: IpFields, from: number, to: number, body: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(from, 0);
  header.writeUInt16BE(to, 2);
  header.writeUInt16BE(8 + body.length, 4);
  const datagram = Buffer.concat([header, body]);
  const sum = checksum(pseudoHeader(ip, PROTOCOL.udp, datagram.length), datagram);
  datagram.writeUInt16BE(sum === 0 ? 0xffff : sum, 6);
  return ipPacket(ip, PROTOCOL.udp, datagram);
}

/** An ICMP error (RFC 792, RFC 4443) with as much of the packet it complains of as fits. */
export function icmpError(ip: IpFields, type: number, code: number, about: Uint8Array): Buffer {
  const message = Buffer.concat([
    Buffer.from([type, code, 0, 0, 0, 0, 0, 0]),
    about.subarray(0, 520),
  ]);
  const six = isV6(ip.source);
  const covered = six ? [pseudoHeader(ip, PROTOCOL.icmp6, message.length), message] : [message];
  message.writeUInt16BE(checksum(...covered), 2);
  return ipPacket(ip, six ? PROTOCOL.icmp6 : PROTOCOL.icmp, message);
}

export const TCP_FLAG = {
  FIN: 0x01,
  SYN: 0x02,
  RST: 0x04,
  PSH: 0x08,
  ACK: 0x10,
  URG: 0x20,
  ECE: 0x40,
  CWR: 0x80,
} as const;

/** NOP NOP Timestamps (RFC 7323 §3.2). */
export function timestampOption(tsval: number, tsecr: number): Buffer {
  const option = Buffer.from([1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0]);
  option.writeUInt32BE(tsval >>> 0, 4);
  option.writeUInt32BE(tsecr >>> 0, 8);
  return option;
}

/** MSS 1460, window scale 7, and timestamps where asked: what a Linux SYN carries. */
export function synOptions(timestamps: Uint8Array): Buffer {
  const mss = [2, 4, 0x05, 0xb4];
  const scale = [1, 3, 3, 7];
  return Buffer.concat([Buffer.from([...mss, ...scale]), timestamps]);
}
