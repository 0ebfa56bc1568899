import { describe, expect, test } from 'vitest';
import { cryptoPan } from '../../src/report/anonymize/crypto-pan.ts';
import { anonymousPacket, type RawPacket } from '../../src/report/carve/anonymous-packet.ts';
import {
  addressBytes,
  icmpError,
  type IpFields,
  tcpPacket,
  timestampOption,
  udpPacket,
} from '../kit/wire.ts';

const mask = cryptoPan(Uint8Array.from({ length: 32 }, (_, i) => i * 7 + 1));
const hidden = (address: string): Buffer => Buffer.from(mask(addressBytes(address)));

const V4: IpFields = {
  source: '192.0.2.10',
  destination: '198.51.100.9',
  ttl: 64,
  id: 7,
  dontFragment: true,
};
const V6: IpFields = { ...V4, source: '2001:db8:1::2', destination: '2001:db8:3::9' };

const tcp = {
  sourcePort: 40_000,
  destinationPort: 27_017,
  seq: 1000,
  ack: 2000,
  flags: 0x18,
  window: 500,
  options: timestampOption(1, 2),
  payload: new Uint8Array(0),
};

const ETHERNET = Buffer.from('020000000001020000000002', 'hex');
const framed = (ip: Uint8Array, before: Uint8Array = ETHERNET): { frame: Buffer; at: number } => ({
  frame: Buffer.concat([before, Buffer.from([(ip[0] ?? 0) >> 4 === 6 ? 0x86 : 8, 0]), ip]),
  at: before.length + 2,
});

function rebuilt(ip: Uint8Array, innerAt = 0): RawPacket {
  const { frame, at } = framed(ip);
  const packet = anonymousPacket(frame, at + innerAt, mask);
  if (packet === null) throw new Error('nothing was rebuilt');
  return packet;
}

const masked = (ip: IpFields): IpFields => {
  const text = (address: string) =>
    address.includes(':')
      ? (hidden(address).toString('hex').match(/.{4}/g) ?? []).join(':')
      : hidden(address).join('.');
  return { ...ip, source: text(ip.source), destination: text(ip.destination) };
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('an anonymised packet', () => {
  test('is the IPv4 packet that the masked ends would have sent, checksums included', () => {
    expect(hex(rebuilt(tcpPacket(V4, tcp)).bytes)).toBe(hex(tcpPacket(masked(V4), tcp)));
  });

  test('… and the IPv6 one', () => {
    const expected = tcpPacket(V6, tcp);
    hidden(V6.source).copy(expected, 8);
    hidden(V6.destination).copy(expected, 24);
    const { bytes } = rebuilt(tcpPacket(V6, tcp));
    expect(hex(bytes.subarray(0, 56))).toBe(hex(expected.subarray(0, 56)));
    expect(hex(bytes.subarray(58))).toBe(hex(expected.subarray(58)));
    // A right checksum makes the covered sum, pseudo-header included, all ones (RFC 1071 §1).
    let sum = 6 + bytes.length - 40;
    for (let i = 8; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
    expect(sum % 0xffff).toBe(0);
  });

  test('has no payload, and still says how much there was', () => {
    const secret = Buffer.from('secret payload');
    const packet = rebuilt(tcpPacket(V4, { ...tcp, payload: secret }));
    expect(packet.bytes).toHaveLength(52);
    expect(packet.wireBytes).toBe(52 + secret.length);
    expect(Buffer.from(packet.bytes).readUInt16BE(2)).toBe(52 + secret.length);
  });

  test('tells nothing about true addresses by a checksum left to the network card', () => {
    const offloaded = tcpPacket(V4, tcp);
    offloaded.writeUInt16BE(0x1234, 36);
    expect(hex(rebuilt(offloaded).bytes)).toBe(hex(tcpPacket(masked(V4), tcp)));
  });

  test('has lost the tunnel around it', () => {
    const inner = tcpPacket(V4, tcp);
    const vxlan = Buffer.from('0800000000002a00', 'hex');
    const outer = udpPacket(
      { ...V4, source: '203.0.113.1', destination: '203.0.113.2' },
      4789,
      4789,
      Buffer.concat([vxlan, framed(inner).frame]),
    );
    const packet = rebuilt(outer, outer.length - inner.length);
    expect(hex(packet.bytes)).toBe(hex(tcpPacket(masked(V4), tcp)));
  });

  test('keeps an ICMP error around the header that it quotes, both masked', () => {
    const about = tcpPacket(V4, tcp);
    const router: IpFields = { ...V4, source: '203.0.113.7', destination: V4.source };
    const { bytes } = rebuilt(icmpError(router, 3, 1, about), 28);
    expect(hex(bytes)).toBe(hex(icmpError(masked(router), 3, 1, tcpPacket(masked(V4), tcp))));
  });

  test('has no address left in IP options or Multipath TCP options', () => {
    const address = addressBytes(V4.source);
    const mptcp = Buffer.concat([Buffer.from([30, 8, 0x30, 1]), address]);
    const { bytes } = rebuilt(tcpPacket(V4, { ...tcp, options: mptcp }));
    expect(Buffer.from(bytes).includes(address)).toBe(false);
  });

  test('is not made from a header that is not all there', () => {
    const { frame, at } = framed(tcpPacket(V4, tcp));
    expect(anonymousPacket(frame.subarray(0, at + 15), at, mask)).toBeNull();
  });

  test('survives any bytes', () => {
    const whole = framed(tcpPacket(V6, tcp)).frame;
    for (let length = 0; length < whole.length; length++) {
      for (const at of [0, 6, 14, 20, 40]) anonymousPacket(whole.subarray(0, length), at, mask);
    }
  });
});
