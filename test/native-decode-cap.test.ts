/** The decoder against the decoders of the `cap` package: Ethernet, one VLAN tag, IPv4, IPv6, TCP, which is what it knows. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../src/base/root.ts';
import { addressBytes, ipPacket, isV6, PROTOCOL, tcpPacket, timestampOption } from './kit/wire.ts';
import { bytes, join as joined, MACS, tag, u16 } from './native-decode-bytes.ts';
import { type Decoded, decodedFrames, decodeProgram } from './native-decode-lines.ts';

const SCRIPT = join(packageRoot(), 'test', 'native', 'cap_decoders.js');
const NOT_INSTALLED = 3;

/** One JSON line a frame; null where cap is not installed. */
function capLines(frames: readonly Buffer[]): Promise<readonly string[] | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === NOT_INSTALLED) resolve(null);
      else if (status === 0) resolve(out.split('\n').slice(0, -1));
      else reject(new Error(`cap's decoders ended with status ${status}`));
    });
    // Where cap is not installed the child is gone before it reads.
    child.stdin.on('error', () => undefined);
    child.stdin.end(frames.map((frame) => `${frame.toString('hex')}\n`).join(''));
  });
}

/** cap writes an IPv6 address as sixteen bytes in hex. */
const asCapWrites = (address: string): string =>
  isV6(address)
    ? [...addressBytes(address)].map((byte) => byte.toString(16).padStart(2, '0')).join(':')
    : address;

/** The acknowledgement number of a segment without ACK is nothing to cap. */
const inCapsWords = (d: Decoded): unknown => ({
  vlan: d.vlan,
  source: asCapWrites(d.source),
  destination: asCapWrites(d.destination),
  ttl: d.ttl,
  ipId: d.ipId,
  sourcePort: d.sourcePort,
  destinationPort: d.destinationPort,
  seq: d.seq,
  ack: d.flags & 0x10 ? d.ack : null,
  flags: d.flags,
  window: d.window,
  payload: d.payload,
});

const number = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max });
const four = fc.tuple(number(255), number(255), number(255), number(255)).map((p) => p.join('.'));
const six = fc
  .array(fc.integer({ min: 1, max: 0xffff }), { minLength: 8, maxLength: 8 })
  .map((groups) => groups.map((group) => group.toString(16)).join(':'));

const anyFrame = fc
  .record({
    addresses: fc.oneof(fc.tuple(four, four), fc.tuple(six, six)),
    extended: fc.boolean(),
    vlan: number(4095),
    ttl: number(255),
    id: number(0xffff),
    dontFragment: fc.boolean(),
    sourcePort: number(0xffff),
    destinationPort: number(0xffff),
    seq: number(0xffffffff),
    ack: number(0xffffffff),
    flags: number(255),
    window: number(0xffff),
    stamped: fc.boolean(),
    payload: fc.uint8Array({ maxLength: 200 }),
  })
  .map(
    ({
      addresses: [source, destination],
      extended,
      vlan,
      ttl,
      id,
      dontFragment,
      stamped,
      ...tcp
    }) => {
      const ip = { source, destination, ttl, id, dontFragment };
      const options = stamped ? timestampOption(1, 2) : bytes();
      const plain = tcpPacket(ip, { ...tcp, options });
      // A destination options header, the length of which cap skips rightly.
      const header = bytes(PROTOCOL.tcp, 0, 1, 4, 0, 0, 0, 0);
      const longer = isV6(source) && extended && tcp.payload.length % 2 === 0;
      const packet = longer ? ipPacket(ip, 60, joined(header, plain.subarray(40))) : plain;
      const type = u16(isV6(source) ? 0x86dd : 0x0800);
      return joined(MACS, ...(vlan === 0 ? [] : [tag(0x8100, vlan)]), type, packet);
    },
  );

let program: string;
beforeAll(async () => {
  program = await decodeProgram();
}, 240_000);

test('2 000 segments decode as cap decodes them', async (ctx) => {
  const frames = fc.sample(anyFrame, { numRuns: 2000, seed: 20_240_607 });
  const lines = await capLines(frames);
  ctx.skip(lines === null, 'the optional package cap is not installed');
  const ours = await decodedFrames(
    program,
    frames.map((frame) => ({ linkType: 1, bytes: frame })),
  );
  expect(ours.map(({ fate }) => fate)).toEqual(frames.map(() => 'tcp'));
  expect(ours.map(inCapsWords)).toEqual((lines ?? []).map((line) => JSON.parse(line) as unknown));
});
