/** Fragments, cuts, quotes and what is no segment at all: each gets the fate and the fields that it has to have. */
import { beforeAll, describe, expect, test } from 'vitest';
import { icmpError, ipPacket, PROTOCOL, tcpPacket } from './kit/wire.ts';
import {
  bytes,
  u16,
  u32,
  join,
  MACS,
  ethernet,
  behindType,
  tag,
  dot11,
  OUTER,
  OUTER6,
  inUdp,
  ipipTimes,
} from './native-decode-bytes.ts';
import {
  BIT,
  decodedFrames,
  decodeProgram,
  type Decoded,
  type HandMade,
} from './native-decode-lines.ts';
import { IP4, IP6, TCP } from './native-decode-segment.ts';

let program: string;
beforeAll(async () => {
  program = await decodeProgram();
}, 240_000);

const decode = (frames: readonly HandMade[]): Promise<readonly Decoded[]> =>
  decodedFrames(program, frames);
const onEthernet = (frame: Buffer, onWire?: number): HandMade =>
  onWire === undefined ? { linkType: 1, bytes: frame } : { linkType: 1, bytes: frame, onWire };
const fateOf = async (frame: HandMade): Promise<string> => (await decode([frame]))[0]?.fate ?? '';

test('a first fragment is decoded with a length that is a lower bound, the others are counted', async () => {
  const packet = Buffer.from(tcpPacket(IP4, { ...TCP, payload: Buffer.alloc(100) }));
  const first = Buffer.from(packet.subarray(0, 20 + 64));
  first.writeUInt16BE(first.length, 2);
  first.writeUInt16BE(0x2000, 6);
  const second = join(packet.subarray(0, 20), packet.subarray(84));
  second.writeUInt16BE(second.length, 2);
  second.writeUInt16BE(8, 6);
  const v6 = tcpPacket(IP6, TCP).subarray(40);
  const six = (field: number): Buffer =>
    ipPacket(IP6, 44, join(bytes(PROTOCOL.tcp, 0), u16(field), u32(7), v6));
  const udpPiece = Buffer.from(second);
  udpPiece[9] = PROTOCOL.udp;
  const lines = await decode(
    [first, second, six(1), six(8), udpPiece].map((ip) => onEthernet(ethernet(ip))),
  );
  expect(lines.map(({ fate }) => fate)).toEqual(['tcp', 'fragment', 'tcp', 'fragment', 'not-tcp']);
  expect(lines[0]).toMatchObject({ payload: 32, bits: BIT.lengthUnknown, tsval: '1000' });
  expect(lines[2]).toMatchObject({ bits: BIT.lengthUnknown });
});

test('IPv4 options and IPv6 extension headers are passed over', async () => {
  const four = tcpPacket(IP4, TCP);
  const withOptions = join(four.subarray(0, 20), bytes(7, 4, 4, 0, 1, 1, 1, 0), four.subarray(20));
  withOptions[0] = 0x47;
  withOptions.writeUInt16BE(withOptions.length, 2);
  const tcp6 = tcpPacket(IP6, TCP).subarray(40);
  const extended = ipPacket(
    IP6,
    0,
    join(
      bytes(60, 0, 1, 4, 0, 0, 0, 0),
      bytes(135, 0, 1, 4, 0, 0, 0, 0),
      bytes(51, 0, 0, 0, 0, 0, 0, 0),
      bytes(6, 4),
      Buffer.alloc(22),
      tcp6,
    ),
  );
  const jumbo = ipPacket(IP6, 0, join(bytes(6, 0, 0xc2, 4), u32(8 + tcp6.length), tcp6));
  jumbo.writeUInt16BE(0, 4);
  const lines = await decode([withOptions, extended, jumbo].map((ip) => onEthernet(ethernet(ip))));
  for (const line of lines)
    expect(line).toMatchObject({ fate: 'tcp', seq: TCP.seq, payload: 5, tsval: '1000' });
});

test('an IP length of 0 is a segment not yet cut: the wire has its length', async () => {
  const four = tcpPacket(IP4, { ...TCP, payload: Buffer.alloc(3000) });
  four.writeUInt16BE(0, 2);
  const six = tcpPacket(IP6, { ...TCP, payload: Buffer.alloc(3000) });
  six.writeUInt16BE(0, 4);
  const lines = await decode([
    onEthernet(ethernet(four).subarray(0, 96), 14 + four.length),
    onEthernet(ethernet(six)),
  ]);
  expect(lines.map(({ fate, payload }) => [fate, payload])).toEqual([
    ['tcp', 3000],
    ['tcp', 3000],
  ]);
});

test('a snaplen that cuts the options leaves them unknown, the length whole', async () => {
  const frame = ethernet(tcpPacket(IP4, TCP));
  const cut = [frame.length, 66, 65, 58, 54].map((to) =>
    onEthernet(frame.subarray(0, to), frame.length),
  );
  const lines = await decode(cut);
  expect(lines.map(({ tsval }) => tsval)).toEqual([
    '1000',
    '1000',
    'unknown',
    'unknown',
    'unknown',
  ]);
  expect(lines.map(({ payload }) => payload)).toEqual([5, 5, 5, 5, 5]);
});

test('a frame cut at any byte says in which header it was cut', async () => {
  const packet = tcpPacket(IP4, TCP);
  const frame = join(MACS, tag(0x8100, 5), u16(0x800), packet);
  const cuts = Array.from({ length: frame.length }, (_, to) => to);
  const fates = (
    await decode(cuts.map((to) => onEthernet(frame.subarray(0, to), frame.length)))
  ).map(({ fate }) => fate);
  const wanted = cuts.map((to) => {
    if (to === 0) return 'empty';
    if (to < 18) return 'truncated-link';
    if (to < 38) return 'truncated-ip';
    return to < 58 ? 'truncated-tcp' : 'tcp';
  });
  expect(fates).toEqual(wanted);
});

describe('what is no segment', () => {
  const patched = (at: number, value: number): HandMade => {
    const packet = tcpPacket(IP4, TCP);
    packet[at] = value;
    return onEthernet(ethernet(packet));
  };
  const shortOnWire = onEthernet(ethernet(ipPacket(IP4, PROTOCOL.tcp, Buffer.alloc(19))));
  const nineTags = join(
    MACS,
    ...Array.from({ length: 9 }, (_, i) => tag(0x8100, i + 1)),
    u16(0x800),
    tcpPacket(IP4, TCP),
  );
  const vxlan = (inner: Buffer, flags = 0x08): HandMade =>
    onEthernet(inUdp(4789, join(bytes(flags, 0, 0, 0), u32(4242 << 8), inner)));
  const broken = tcpPacket(IP4, TCP);
  broken[0] = 0x43;
  const cases: readonly (readonly [string, HandMade, string])[] = [
    ['ARP', onEthernet(behindType(0x0806, Buffer.alloc(28))), 'not-ip'],
    [
      'spanning tree',
      onEthernet(behindType(38, join(bytes(0x42, 0x42, 3), Buffer.alloc(43)))),
      'not-ip',
    ],
    ['an 802.11 beacon', { linkType: 105, bytes: dot11(0x80, 0, Buffer.alloc(40)) }, 'not-ip'],
    ['an 802.11 frame without a body', { linkType: 105, bytes: dot11(0x48, 1) }, 'not-ip'],
    [
      'an 802.11 frame under encryption',
      { linkType: 105, bytes: dot11(0x08, 0x41, Buffer.alloc(60)) },
      'encrypted',
    ],
    [
      'MACsec under encryption',
      onEthernet(behindType(0x88e5, join(bytes(0x0c, 0), Buffer.alloc(60)))),
      'encrypted',
    ],
    ['UDP', onEthernet(inUdp(53, Buffer.alloc(30))), 'not-tcp'],
    [
      'ICMP echo',
      onEthernet(ethernet(ipPacket(IP4, PROTOCOL.icmp, bytes(8, 0, 0, 0, 0, 1, 0, 1)))),
      'not-tcp',
    ],
    [
      'a link type that nobody decodes',
      { linkType: 147, bytes: Buffer.alloc(60) },
      'link-type-unknown',
    ],
    ['IP version 5', patched(0, 0x55), 'malformed-ip'],
    ['an IP header of 16 bytes', patched(0, 0x44), 'malformed-ip'],
    ['an IP length shorter than its header', patched(3, 19), 'malformed-ip'],
    ['a data offset of 4', patched(32, 0x40), 'malformed-tcp'],
    ['a data offset beyond the segment', patched(32, 0xf0), 'malformed-tcp'],
    ['19 bytes of TCP by the IP length', shortOnWire, 'malformed-tcp'],
    ['nine VLAN tags', onEthernet(nineTags), 'tunnel-too-deep'],
    ['nine tunnels', onEthernet(ipipTimes(9)(tcpPacket(IP4, TCP))), 'tunnel-too-deep'],
    ['ARP in VXLAN', vxlan(behindType(0x0806, Buffer.alloc(28))), 'not-tcp'],
    ['VXLAN without its I flag', vxlan(ethernet(tcpPacket(IP4, TCP)), 0), 'not-tcp'],
    ['a broken IP header behind a port of VXLAN', vxlan(ethernet(broken)), 'not-tcp'],
    [
      'text at a port of Geneve',
      onEthernet(inUdp(6081, Buffer.from('GET / HTTP/1.1\r\n\r\n'.repeat(4)))),
      'not-tcp',
    ],
    [
      'a GTP-U echo',
      onEthernet(inUdp(2152, join(bytes(0x32, 1), u16(4), u32(0), u32(0)))),
      'not-tcp',
    ],
    ['no bytes at all', onEthernet(bytes()), 'empty'],
  ];
  for (const [name, frame, fate] of cases)
    test(`${name}: ${fate}`, async () => {
      expect(await fateOf(frame)).toBe(fate);
    });
});

describe('an ICMP error is evidence for the tuple that it quotes', () => {
  const about4 = tcpPacket(IP4, TCP);
  const about6 = tcpPacket(IP6, TCP);
  const cases: readonly (readonly [string, Buffer, readonly [number, number], number])[] = [
    [
      'IPv4, unreachable',
      icmpError(OUTER, 3, 1, about4),
      [3, 1],
      BIT.quoteHasSeq | BIT.dontFragment,
    ],
    [
      'IPv4, too big',
      icmpError(OUTER, 3, 4, about4.subarray(0, 28)),
      [3, 4],
      BIT.quoteHasSeq | BIT.dontFragment,
    ],
    [
      'IPv4, only the ports',
      icmpError(OUTER, 11, 0, about4.subarray(0, 24)),
      [11, 0],
      BIT.dontFragment,
    ],
    ['IPv6, unreachable', icmpError(OUTER6, 1, 4, about6), [1, 4], BIT.quoteHasSeq],
    ['IPv6, too big', icmpError(OUTER6, 2, 0, about6), [2, 0], BIT.quoteHasSeq],
  ];
  for (const [name, packet, icmp, bits] of cases)
    test(name, async () => {
      const frames = [
        ethernet(packet),
        inUdp(4789, join(u32(0x08000000), u32(9 << 8), ethernet(packet))),
      ];
      const lines = await decode(frames.map((frame) => onEthernet(frame)));
      for (const line of lines) {
        expect(line).toMatchObject({
          fate: 'icmp-quote',
          sourcePort: 50_000,
          destinationPort: 27_017,
          icmp,
        });
        expect(line.seq).toBe(bits & BIT.quoteHasSeq ? TCP.seq : 0);
      }
      expect(lines[0]?.source).toBe(name.startsWith('IPv4') ? IP4.source : IP6.source);
    });

  test('one that quotes UDP, or no ports, is only counted', async () => {
    const udp = ipPacket(IP4, PROTOCOL.udp, Buffer.alloc(16));
    const frames = [icmpError(OUTER, 3, 3, udp), icmpError(OUTER, 3, 3, about4.subarray(0, 22))];
    const lines = await decode(frames.map((frame) => onEthernet(ethernet(frame))));
    expect(lines.map(({ fate }) => fate)).toEqual(['not-tcp', 'not-tcp']);
  });
});

describe('TCP options', () => {
  const withOptions = async (...options: readonly number[]): Promise<Decoded | undefined> =>
    (
      await decode([onEthernet(ethernet(tcpPacket(IP4, { ...TCP, options: bytes(...options) })))])
    )[0];

  test('a Linux SYN has a scale and timestamps', async () => {
    const line = await withOptions(2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 1, 0, 0, 0, 0, 0, 1, 3, 3, 7);
    expect(line).toMatchObject({ tsval: '256', windowScale: 7 });
  });
  test('a scale above 14 counts as 14', async () => {
    expect(await withOptions(1, 3, 3, 200)).toMatchObject({ tsval: 'none', windowScale: 14 });
  });
  test('a list that ends early has no timestamps', async () => {
    expect(await withOptions(0, 0, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8)).toMatchObject({ tsval: 'none' });
  });
  test('a list of broken lengths says that it does not know', async () => {
    expect(await withOptions(1, 1, 8, 0, 0, 0, 0, 0)).toMatchObject({ tsval: 'unknown' });
    expect(await withOptions(5, 40, 8, 10)).toMatchObject({ tsval: 'unknown' });
  });
});
