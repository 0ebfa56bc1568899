/** The decoder on frames made by hand: the same TCP segment comes out of every link layer and tunnel. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type IpFields,
  type TcpFields,
  isV6,
  synOptions,
  tcpPacket,
  timestampOption,
} from './kit/wire.ts';
import { differences } from './native-decode-agreement.ts';
import { bytes, KIND } from './native-decode-bytes.ts';
import { fits, WARDROBE } from './native-decode-frames.ts';
import {
  BIT,
  decodedFrames,
  decodeProgram,
  withCapture,
  type Decoded,
  type HandMade,
} from './native-decode-lines.ts';
import { IP4, IP6, TCP } from './native-decode-segment.ts';
import { tsharkRows } from './native-decode-tshark.ts';

let program: string;
beforeAll(async () => {
  program = await decodeProgram();
}, 240_000);

const decode = (frames: readonly HandMade[]): Promise<readonly Decoded[]> =>
  decodedFrames(program, frames);

/** What a segment is, whatever is around it. */
const segmentOf = (d: Decoded | undefined) => ({
  fate: d?.fate,
  source: d?.source,
  destination: d?.destination,
  sourcePort: d?.sourcePort,
  destinationPort: d?.destinationPort,
  seq: d?.seq,
  ack: d?.ack,
  flags: d?.flags,
  window: d?.window,
  payload: d?.payload,
  ttl: d?.ttl,
  ipId: d?.ipId,
  tsval: d?.tsval,
  bits: d?.bits,
});

const expected = (
  ip: IpFields,
  tcp: TcpFields,
  tsval: string,
  source: string,
  destination: string,
) => ({
  fate: 'tcp',
  source,
  destination,
  sourcePort: tcp.sourcePort,
  destinationPort: tcp.destinationPort,
  seq: tcp.seq,
  ack: tcp.ack,
  flags: tcp.flags,
  window: tcp.window,
  payload: tcp.payload.length,
  ttl: ip.ttl,
  ipId: isV6(ip.source) ? 0 : ip.id,
  tsval,
  bits: ip.dontFragment && !isV6(ip.source) ? BIT.dontFragment : 0,
});

describe('one segment in every dress', () => {
  for (const ip of [IP4, IP6]) {
    const packet = tcpPacket(ip, TCP);
    const dresses = WARDROBE.filter((dress) => fits(dress, ip.source));
    const frames = dresses.map(({ linkType, wear }) => ({ linkType, bytes: wear(packet) }));

    test(`IPv${isV6(ip.source) ? 6 : 4}: every dress shows the segment, its VLAN and its tunnel`, async () => {
      const want = expected(ip, TCP, '1000', ip.source, ip.destination);
      const lines = await decode(frames);
      const seen = lines.map((line, i) => ({
        dress: dresses[i]?.name,
        ...segmentOf(line),
        around: [line.vlan, line.tunnelKind, line.tunnelId],
      }));
      const wanted = dresses.map(({ name, vlan = 0, kind = 0, id = 0 }) => ({
        dress: name,
        ...want,
        around: [vlan, kind, id],
      }));
      expect(seen).toEqual(wanted);
    });

    test(`IPv${isV6(ip.source) ? 6 : 4}: tshark sees the same, where it knows the dress`, async () => {
      const rows = await withCapture(frames, tsharkRows);
      const lines = await decode(frames);
      expect(rows).toHaveLength(frames.length);
      const unlike = (rows ?? []).flatMap((row, i) => {
        const dress = dresses[i];
        const line = lines[i];
        if (dress === undefined || line === undefined || dress.tsharkDiffers !== undefined)
          return [];
        const found = differences(line, row);
        return found.length === 0
          ? []
          : [`${dress.name}: ${found.join('; ')} (${row['frame.protocols']})`];
      });
      expect(unlike).toEqual([]);
    });
  }
});

const u8 = fc.integer({ min: 0, max: 255 });
const u16s = fc.integer({ min: 0, max: 0xffff });
const u32s = fc.integer({ min: 0, max: 0xffffffff });

/** Addresses whose text has only one form: no group is 0, no leading zeros. */
const address4 = fc.tuple(u8, u8, u8, u8).map((parts) => parts.join('.'));
const address6 = fc
  .array(fc.integer({ min: 1, max: 0xffff }), { minLength: 8, maxLength: 8 })
  .map((groups) => groups.map((group) => group.toString(16)).join(':'));

const anySegment = fc
  .record({
    addresses: fc.oneof(fc.tuple(address4, address4), fc.tuple(address6, address6)),
    ttl: u8,
    id: u16s,
    dontFragment: fc.boolean(),
    sourcePort: u16s,
    destinationPort: u16s,
    seq: u32s,
    ack: u32s,
    flags: u8,
    window: u16s,
    stamped: fc.option(u32s),
    syn: fc.boolean(),
    payload: fc.uint8Array({ maxLength: 64 }),
  })
  .map(({ addresses: [source, destination], stamped, syn, ttl, id, dontFragment, ...tcp }) => {
    const stamps = stamped === null ? bytes() : timestampOption(stamped, 1);
    return {
      ip: { source, destination, ttl, id, dontFragment },
      tcp: { ...tcp, options: syn ? synOptions(stamps) : stamps },
      tsval: stamped === null ? 'none' : String(stamped),
    };
  });

test('any segment is the same segment in every dress', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(anySegment, async ({ ip, tcp, tsval }) => {
      const packet = tcpPacket(ip, tcp);
      const dresses = WARDROBE.filter((dress) => fits(dress, ip.source));
      const lines = await decode(
        dresses.map(({ linkType, wear }) => ({ linkType, bytes: wear(packet) })),
      );
      const want = expected(ip, tcp, tsval, ip.source, ip.destination);
      expect(lines.map(segmentOf)).toEqual(dresses.map(() => want));
    }),
    { numRuns: 60 },
  );
});

test('the wardrobe holds every kind of tunnel', () => {
  const kinds = new Set(WARDROBE.map(({ kind = KIND.none }) => kind));
  expect([...kinds].sort((a, b) => a - b)).toEqual(Object.values(KIND).sort((a, b) => a - b));
});
