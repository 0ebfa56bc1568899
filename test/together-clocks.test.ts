/** Two captures have two clocks: how far they are apart is told by the packets in both, and changes nothing that is found. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Analysis } from '../src/report/analysis.ts';
import { report } from '../src/report/document.ts';
import { analyseFiles, deadair } from './kit/analyse.ts';
import { gateway, sides, together } from './kit/both-sides.ts';
import { captureFile } from './kit/capture-file.ts';
import type { Recorded } from './kit/frame.ts';
import { readCapture } from './kit/read-capture.ts';
import { withFile } from './kit/temporary.ts';

/** Everything but the clocks and what they only say in words. */
const essence = ({ findings, resetsByCause, silences }: Analysis) => ({
  findings: findings
    .map(({ id, signature, verdict, confidence, emitter, translated, otherLeg, sameAs }) =>
      JSON.stringify([
        id,
        signature,
        verdict,
        confidence,
        emitter.is,
        translated,
        otherLeg,
        sameAs,
      ]),
    )
    .sort(),
  resetsByCause,
  silences,
});

/** Who died, and who is who on the other side: what does not hang on how long a second is. */
const matchedIn = ({ findings }: Analysis) =>
  findings
    .map(({ id, signature, verdict, translated, sameAs }) =>
      JSON.stringify([id, signature, verdict, translated, sameAs]),
    )
    .sort();

const SCENARIOS = [
  'reject',
  'drop',
  'keepalive-drop',
  'remap',
  'push',
  'expiry-reset',
  'expiry-reset-one',
  'peer-restart',
  'flush-mixed',
  'haproxy',
  'mixed-reject',
  'dnat',
  'survive',
];

/** As a firewall does that hides a client's choice of numbers: a constant of its own for each connection. */
function withOtherNumbers(record: Recorded): Recorded {
  const bytes = Buffer.from(record.bytes);
  const tcp = bytes.subarray(14 + ((bytes[14] ?? 0) & 0x0f) * 4);
  const fromClient = tcp.readUInt16BE(2) === 27017;
  const by = Math.imul(tcp.readUInt16BE(fromClient ? 0 : 2), 0x9e3779b1);
  const at = fromClient ? 4 : 8;
  const isReset = ((tcp[13] ?? 0) & 0x14) === 0x04;
  if (fromClient || !isReset) tcp.writeUInt32BE((tcp.readUInt32BE(at) + by) >>> 0, at);
  return { ...record, bytes };
}

describe('two captures with clocks of their own', () => {
  test.for(SCENARIOS.flatMap((scenario) => [3.7, -3.7].map((shift) => [scenario, shift] as const)))(
    '%s: outside %f s ahead, the same findings, the offset stated',
    async ([scenario, shift]) => {
      const [inside, outside] = sides(scenario);
      const moved = readCapture(readFileSync(outside)).map((record) => ({
        ...record,
        atNs: record.atNs + BigInt(shift * 1e9),
      }));
      const shape = { resolution: 'ns' } as const;
      await withFile('moved.pcap', captureFile(moved, shape), async (path) => {
        const analysis = await analyseFiles([inside, path], { shortestSeconds: 1, together: true });
        expect(essence(analysis)).toEqual(essence(await together(scenario)));
        const [first, second] = analysis.together ?? [];
        expect(first).toMatchObject({ source: 0, offsetNs: 0n });
        expect(Math.abs(Number(second?.offsetNs) / 1e9 - shift)).toBeLessThan(0.001);
        expect(second?.matched).toBeGreaterThan(0);
      });
    },
  );

  test.each(['reject', 'drop', 'remap', 'expiry-reset', 'mixed-reject', 'survive'])(
    '%s: a clock that runs two percent fast is followed, and its pace stated',
    async (scenario) => {
      const [inside, outside] = sides(scenario);
      const records = readCapture(readFileSync(outside));
      const begin = records[0]?.atNs ?? 0n;
      const fast = records.map((one) => ({ ...one, atNs: one.atNs + (one.atNs - begin) / 50n }));
      const shape = { resolution: 'ns' } as const;
      await withFile('fast.pcap', captureFile(fast, shape), async (path) => {
        const analysis = await analyseFiles([inside, path], { shortestSeconds: 1, together: true });
        expect(matchedIn(analysis)).toEqual(matchedIn(await together(scenario)));
        const ppm = (analysis.together?.[1]?.drift?.perSecond ?? 0) * 1e6;
        expect(Math.abs(ppm - 20_000 / 1.02)).toBeLessThan(500);
        expect(report(analysis, 1).together[1]?.driftPpm).toBe(ppm);
      });
    },
  );

  test.each(['reject', 'drop', 'expiry-reset', 'mixed-reject'])(
    '%s: a box that rewrites the client’s sequence numbers hides nothing while timestamps stay',
    async (scenario) => {
      const [inside, outside] = sides(scenario);
      const rewritten = readCapture(readFileSync(outside)).map(withOtherNumbers);
      await withFile(
        'rewritten.pcap',
        captureFile(rewritten, { resolution: 'ns' }),
        async (path) => {
          const analysis = await analyseFiles([inside, path], {
            shortestSeconds: 1,
            together: true,
          });
          const plain = await together(scenario);
          const verdicts = ({ findings }: Analysis) =>
            findings
              .map((one) => `${one.signature} ${one.verdict} ${one.translated?.originator.port}`)
              .sort();
          expect(verdicts(analysis)).toEqual(verdicts(plain));
        },
      );
    },
  );

  test.each(['remap', 'drop', 'expiry-reset', 'haproxy'])(
    '%s: any number of shards',
    async (scenario) => {
      const alone = await together(scenario);
      for (const workers of [1, 2, 3]) {
        const shared = await together(scenario, workers);
        expect(shared.findings.map(({ id, summary }) => [id, summary])).toEqual(
          alone.findings.map(({ id, summary }) => [id, summary]),
        );
        expect(essence(shared)).toEqual(essence(alone));
        expect(shared.together).toEqual(alone.together);
      }
    },
  );

  test('the report says how far the clocks are apart, and how many packets told', async () => {
    const document = report(await together('reject'), 100);
    expect(document.together).toEqual([
      { source: 0, offsetSeconds: 0, matched: 0 },
      { source: 1, offsetSeconds: expect.any(Number), matched: expect.any(Number) },
    ]);
    expect(document.together[1]?.matched).toBeGreaterThan(30);
    expect(report(await gateway('reject'), 100).together).toEqual([]);
  });
});

test('deadair read --together inside.pcap outside.pcap', async () => {
  const args = ['read', '--json', '--quiet', '--shortest', '1s', '--together', ...sides('remap')];
  const { stdout, exit } = await deadair(args);
  expect(exit).toBe(0);
  const document = JSON.parse(stdout) as ReturnType<typeof report>;
  expect(document.findingsTotal).toBe(32);
  expect(document.together).toHaveLength(2);
});
