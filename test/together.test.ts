/**
 * Both sides of the box, on the lab's recordings: gateway.pcapng (both interfaces in one file) and the two captures of its
 * sides read together. What must come out is the third column of the table in test/captures/README.md.
 */
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../src/judge/finding.ts';
import type { report } from '../src/report/document.ts';
import { deaths } from '../src/report/text/groups.ts';
import { analyseFiles, deadair } from './kit/analyse.ts';
import { gateway, isTimer, newPorts, sourcePort, together } from './kit/both-sides.ts';
import { captureFile } from './kit/capture-file.ts';
import { said } from './kit/command.ts';
import { labFile, truthOf } from './kit/lab.ts';
import { readCapture } from './kit/read-capture.ts';
import { withFile, withFolder } from './kit/temporary.ts';

const WAYS = [
  ['gateway.pcapng', gateway],
  ['--together', together],
] as const;

const onInside = ({ record }: Finding): boolean =>
  record.originatorAddress.startsWith('192.168.77.2') || record.originatorAddress.includes(':1::2');

const flowsLabelled = (scenario: string, label: string): number[] =>
  truthOf(scenario)
    .flows.filter((flow) => flow.label === label)
    .map((flow) => flow.client[1])
    .sort((a, b) => a - b);

const ports = (findings: readonly Finding[]): number[] =>
  findings.map(({ record }) => record.originatorPort).sort((a, b) => a - b);

interface Expected {
  readonly label: string;
  readonly signature: string;
  readonly proof: RegExp;
}

const MADE = /^made inside the box: the reset appears at \S+ and never at \S+, nor does what it an/;
const DROPPED = /^dropped inside the box: \d+ packets went in at \S+ and never came out at \S+/;
const UNASKED = /^made inside the box: the reset appears at \S+ and never at \S+/;

const KILLS: readonly (readonly [string, Expected])[] = [
  ['reject', { label: 'late-reset', signature: 'late-reset', proof: MADE }],
  ['v6-reject', { label: 'late-reset', signature: 'late-reset', proof: MADE }],
  ['dnat', { label: 'late-reset', signature: 'late-reset', proof: MADE }],
  ['dnat-90', { label: 'late-reset', signature: 'late-reset', proof: MADE }],
  ['mixed-reject', { label: 'late-reset', signature: 'late-reset', proof: MADE }],
  ['mixed-reject-90', { label: 'late-reset', signature: 'late-reset', proof: MADE }],
  ['drop', { label: 'blackhole', signature: 'blackhole', proof: DROPPED }],
  ['mixed-drop', { label: 'blackhole', signature: 'blackhole', proof: DROPPED }],
  ['keepalive-reject', { label: 'late-reset', signature: 'keepalive-reset', proof: MADE }],
  ['keepalive-drop', { label: 'blackhole', signature: 'blackhole', proof: DROPPED }],
  ['expiry-reset-one', { label: 'expiry-reset', signature: 'expiry-reset', proof: UNASKED }],
];

describe.each(WAYS)('%s: every kill is the box’s, and the proof is named', (_, analysisOf) => {
  test.each(KILLS)('%s', async (scenario, { label, signature, proof }) => {
    const { findings } = await analysisOf(scenario);
    const kills = findings.filter((one) => !isTimer(one));
    expect(ports(kills)).toEqual(flowsLabelled(scenario, label));
    for (const { signature: name, verdict, confidence, emitter, evidence } of kills) {
      expect([name, verdict, emitter.is]).toEqual([signature, 'box-timeout', 'middlebox']);
      expect(confidence).toBeGreaterThanOrEqual(0.95);
      expect(evidence[0]?.fact).toMatch(proof);
      expect(emitter.because[0]).toBe(evidence[0]?.fact);
    }
  });

  test('expiry-reset: a reset to either end, each seen on its own side only', async () => {
    const { findings } = await analysisOf('expiry-reset');
    const labelled = flowsLabelled('expiry-reset', 'expiry-reset');
    expect(findings).toHaveLength(2 * labelled.length);
    for (const one of findings) {
      expect([one.signature, one.verdict]).toEqual(['expiry-reset', 'box-timeout']);
      expect(one.confidence).toBeGreaterThanOrEqual(0.95);
      expect(one.evidence[0]?.fact).toMatch(UNASKED);
    }
    const inside = findings.filter(onInside);
    expect(ports(inside)).toEqual(labelled);
    for (const one of inside) {
      const other = findings.find(({ id }) => one.sameAs?.includes(id));
      expect(other?.sameAs).toEqual([one.id]);
      expect(other?.translated?.originator.address).toBe('192.168.77.2');
      expect(one.translated?.originator.port).toBe(other?.record.originatorPort);
    }
  });

  test('remap: the inside kill is proven by the port under which its trigger came out', async () => {
    const { findings, resetsByCause } = await analysisOf('remap');
    const inside = findings.filter(onInside);
    const outside = findings.filter((one) => !onInside(one));
    expect(ports(inside)).toEqual(flowsLabelled('remap', 'remap'));
    expect(new Set(inside.map(({ signature }) => signature))).toEqual(new Set(['late-reset']));
    expect(new Set(outside.map(({ signature }) => signature))).toEqual(new Set(['remap']));
    const truth = newPorts();
    expect(truth.size).toBe(16);
    for (const one of inside) {
      expect([one.verdict, one.emitter.is]).toEqual(['box-timeout', 'middlebox']);
      expect(one.confidence).toBeGreaterThanOrEqual(0.95);
      const other = outside.find(({ id }) => one.sameAs?.includes(id));
      expect(other?.verdict).toBe('box-timeout');
      expect(one.translated).toEqual(other?.translated);
      expect(one.translated?.originator.address).toBe('203.0.113.1');
      expect(one.translated?.originator.port).toBe(truth.get(one.record.triggerSeq));
    }
    expect(resetsByCause).toEqual({ 'late-reset': 16, remap: 16 });
  });

  test('push: the reset of the far side is the only finding of a connection', async () => {
    const { findings } = await analysisOf('push');
    const kills = findings.filter((one) => !isTimer(one));
    expect(kills).toHaveLength(16);
    for (const one of kills) {
      expect([one.signature, one.verdict]).toEqual(['orphan-reset', 'box-timeout']);
      expect(one.evidence[0]?.fact).toMatch(MADE);
      expect(one.translated?.originator.address).toBe('192.168.77.2');
    }
    const clients = kills.map((one) => one.translated?.originator.port ?? 0);
    expect(clients.sort((a, b) => a - b)).toEqual(flowsLabelled('push', 'orphan-reset'));
  });

  test.each(['peer-restart', 'restart-mixed'])(
    '%s: the same resets crossed the box: never its timeout',
    async (scenario) => {
      const { findings, bursts } = await analysisOf(scenario);
      expect(findings.length).toBeGreaterThan(0);
      expect(bursts).toHaveLength(1);
      expect(bursts[0]?.findingIds).toHaveLength(findings.length);
      for (const one of findings) {
        expect(one.verdict).not.toBe('box-timeout');
        expect(one.evidence.map(({ fact }) => fact).join()).toMatch(/the same reset was seen at/);
        expect(one.sameAs).toHaveLength(1);
      }
    },
  );

  test('flush-mixed: made inside the box, and yet no timeout', async () => {
    const { findings } = await analysisOf('flush-mixed');
    expect(findings.length).toBeGreaterThan(0);
    for (const one of findings) {
      expect(one.verdict).toBe('burst');
      expect(one.evidence[0]?.fact).toMatch(MADE);
    }
  });

  test('haproxy: both legs close together: a proxy', async () => {
    const analysis = await analysisOf('haproxy');
    const { findings } = analysis;
    const both = findings.filter(({ otherLeg }) => otherLeg !== undefined).length;
    expect(deaths(findings)).toBe(findings.length - both / 2);
    expect(both).toBeGreaterThan(0);
    expect(findings).toHaveLength(32);
    for (const one of findings) {
      expect(one.verdict).toBe('endpoint-timer');
      expect(one.evidence[0]?.fact).toMatch(/^a proxy: it closed its other leg/);
      expect(one.summary).toContain('an idle timer of a proxy');
      expect(one.otherLeg).toBeDefined();
    }
  });

  test.each(['app', 'survive'])('%s: nothing but timers of applications', async (scenario) => {
    const { findings } = await analysisOf(scenario);
    expect(findings.filter((one) => !isTimer(one))).toEqual([]);
    expect(findings.filter(({ otherLeg }) => otherLeg !== undefined)).toEqual([]);
  });
});

test('two files of one name are told apart by their folders, and only by those that differ', () =>
  withFolder(async (folder) => {
    const [inside, outside] = ['a', 'b'].map((name) => join(folder, name, 'trace.pcap'));
    for (const [from, to] of [
      ['inside.pcap', inside],
      ['outside.pcap', outside],
    ] as const) {
      mkdirSync(dirname(to ?? ''));
      copyFileSync(labFile('reject', from), to ?? '');
    }
    const asked = ['read', '--together', '--shortest', '1s', inside ?? '', outside ?? ''];
    const report = JSON.parse((await said([...asked, '--json'])).out);
    const [first] = report.findings;
    expect(first.evidence[0].fact).toContain('appears at a/trace.pcap and never at b/trace.pcap');
    expect(first.flow.capturePoint).toBe('a/trace.pcap');
    expect(report.sources.map(({ name }: { name: string }) => name)).toEqual([inside, outside]);
    expect((await said(asked)).out.replaceAll(/\s+/g, ' ')).toContain('that of a/trace.pcap');
    const html = (await said([...asked, '--html', '-'])).out;
    expect(html).toContain('findings in a/trace.pcap, b/trace.pcap</title>');
  }));

describe('from the outside alone', () => {
  test('a connection that goes on under a new port without a SYN was remapped', async () => {
    const asked = { shortestSeconds: 1 };
    const { findings, resetsByCause, silences } = await analyseFiles(
      [labFile('remap', 'outside.pcap')],
      asked,
    );
    expect(findings.map(({ signature, verdict }) => `${signature} ${verdict}`)).toEqual(
      Array.from({ length: 16 }, () => 'remap box-timeout'),
    );
    const truth = newPorts();
    for (const { translated, record, summary, ending } of findings) {
      expect(translated?.originator.port).toBe(truth.get(record.triggerSeq));
      expect(summary).toContain(`:${translated?.originator.port}`);
      expect(ending).toMatchObject({ kind: 'rst', by: 'responder', form: 'stateless' });
      expect((ending.atNs ?? 0n) > record.triggerAtNs).toBe(true);
      expect(record.frameEnding).toBeGreaterThan(record.frameTrigger);
    }
    expect(resetsByCause).toEqual({ remap: 16 });
    expect(silences).toMatchObject({ killed: 16, open: 0 });
  });

  test('its packets under both tuples are carved, and one filter shows them', async () => {
    await withFolder(async (folder) => {
      const path = labFile('remap', 'outside.pcap');
      const args = ['read', '--json', '--quiet', '--shortest', '1s', '--carve', folder, path];
      const { findings } = JSON.parse((await deadair(args)).stdout) as ReturnType<typeof report>;
      for (const { id, flow, wireshark } of findings) {
        const both = [flow.originator.port, flow.translated?.originator.port ?? 0];
        const carved = readCapture(readFileSync(join(folder, `${id}.pcap`))).map(sourcePort);
        for (const port of both) {
          expect(carved).toContain(port);
          expect(wireshark).toContain(`tcp.port == ${port}`);
        }
      }
    });
  });

  test('packets that leave with the private address: the recording push without what the server said', async () => {
    const all = readCapture(readFileSync(labFile('push', 'outside.pcap')));
    const zero = all[0]?.atNs ?? 0n;
    const translated = Buffer.from([203, 0, 113, 1]);
    const left = all.filter(
      ({ atNs, bytes }) =>
        atNs < zero + 5_000_000_000n || !Buffer.from(bytes).subarray(26, 34).includes(translated),
    );
    await withFile('leak.pcap', captureFile(left, { resolution: 'ns' }), async (path) => {
      const { findings, silences } = await analyseFiles([path], { shortestSeconds: 1 });
      expect(findings).toHaveLength(16);
      for (const { signature, verdict, trigger, translated: leaked } of findings) {
        expect([signature, verdict, trigger.kind]).toEqual(['leak', 'box-timeout', 'fin']);
        expect(leaked?.originator.address).toBe('192.168.77.2');
      }
      expect(silences).toMatchObject({ killed: 16, open: 0 });
    });
  });

  test('what leaks after a death that is already told is no second one', async () => {
    const { findings } = await analyseFiles([labFile('push', 'outside.pcap')], {
      shortestSeconds: 1,
    });
    expect(new Set(findings.map(({ signature }) => signature))).toEqual(new Set(['orphan-reset']));
  });
});

test('what is counted at each capture point says so, and deaths are counted once', async () => {
  const sides = ['inside.pcap', 'outside.pcap'].map((file) => labFile('peer-restart', file));
  const { stdout } = await deadair(['read', '--quiet', '--shortest', '1s', '--together', ...sides]);
  expect(stdout).toContain('Silences of 1 s or more, counted at each of 2 capture points');
  expect(stdout).toContain('Resets explained, counted at each of 2 capture points');
});
