/**
 * The kernel as a witness: what the gateway's own connection table says of a death. The recordings of the lab with what
 * conntrack said meanwhile; then the netlink reader on a real gateway.
 */
import { Value } from 'typebox/value';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type ConntrackSettings, conntrackSettings } from '../src/host/conntrack-events.ts';
import { type RowEnd, RowEnds } from '../src/host/row-ends.ts';
import { report } from '../src/report/document.ts';
import { type Kernel, withKernel } from '../src/report/kernel/witness.ts';
import { ReportSchema } from '../src/report/schema.ts';
import { reportText } from '../src/report/text/report-text.ts';
import { pageFor } from '../src/report/text/surface.ts';
import { madeUpMachine } from './host/made-up.ts';
import { analyseFiles } from './kit/analyse.ts';
import { rowEndsOf } from './kit/conntrack-log.ts';
import { labFile } from './kit/lab.ts';
import { LOOSE, REJECTING, setUpBox } from './lab/box.ts';
import { experiment } from './lab/experiment.ts';
import { listen } from './lab/kernel.ts';
import { setSysctls, whyNoLab, within } from './lab/namespaces.ts';
import { type Network, network } from './lab/network.ts';
import { watchWithKernel } from './lab/recorders.ts';
import { SCENARIOS } from './lab/scenarios.ts';

const SETTINGS: ConntrackSettings = {
  entries: 10,
  most: 1000,
  establishedSeconds: 6,
  closeWaitSeconds: 60,
  unacknowledgedSeconds: 300,
  maxRetransSeconds: 300,
  loose: true,
  dropped: 0,
  droppedEarly: 0,
  insertFailed: 0,
  eventsOf: 'all rows',
};

function kernelSaying(ends: Iterable<RowEnd>, settings: Partial<ConntrackSettings> = {}): Kernel {
  const known = new RowEnds();
  for (const end of ends) known.add(end);
  return { settings: { ...SETTINGS, ...settings }, ends: known, overruns: 0, sinceNs: 0n };
}

const inside = (scenario: string) =>
  analyseFiles([labFile(scenario, 'inside.pcap')], { shortestSeconds: 1 });

const DROPPED_ROW = /^this gateway's kernel dropped its row ([\d.]+) s after the last packet/;

describe('a row that went when its time was up', () => {
  test('proves the box where one side of a silent drop could not', async () => {
    const alone = await inside('drop');
    expect(alone.findings.some(({ verdict }) => verdict === 'possible-box-timeout')).toBe(true);
    const { findings } = withKernel(alone, kernelSaying(rowEndsOf('drop')));
    expect(findings).toHaveLength(16);
    for (const { verdict, confidence, emitter, evidence } of findings) {
      expect([verdict, emitter.is]).toEqual(['box-timeout', 'middlebox']);
      expect(confidence).toBeGreaterThanOrEqual(0.9);
      const lived = Number(DROPPED_ROW.exec(evidence[0]?.fact ?? '')?.[1]);
      expect(lived).toBeGreaterThanOrEqual(6);
      expect(evidence[0]?.fact).toContain(`(configured: 6 s): T ≤ ${lived} s`);
    }
  });

  test('bounds T beside the setting, in the report and in its text', async () => {
    const analysis = withKernel(await inside('reject'), kernelSaying(rowEndsOf('reject')));
    const document = report(analysis, 1000);
    expect([...Value.Errors(ReportSchema, JSON.parse(JSON.stringify(document)))]).toEqual([]);
    expect(document.paths[0]?.configured).toMatchObject({
      seconds: 6,
      name: 'nf_conntrack_tcp_timeout_established',
      agrees: true,
      warning: null,
      rowsEnded: 16,
    });
    const most = document.paths[0]?.configured?.atMostSeconds ?? 0;
    expect(most).toBeGreaterThan(6);
    expect(most).toBeLessThan(8);
    expect(document.conntrack).toMatchObject({ establishedSeconds: 6, loose: true, most: 1000 });
    const text = reportText(analysis, pageFor({ columns: 200, colour: false }));
    expect(text).toMatch(
      /Configured {4}6 s on this gateway \(nf_conntrack_tcp_timeout_established\)/,
    );
    expect(text).toMatch(/The connection table of this gateway \(conntrack\)/);
  });

  test('is found by the translated tuple too: seen on the outside', async () => {
    const alone = await analyseFiles([labFile('push', 'outside.pcap')], { shortestSeconds: 1 });
    const { findings } = withKernel(alone, kernelSaying(rowEndsOf('push')));
    expect(findings).toHaveLength(16);
    for (const { evidence } of findings) expect(evidence[0]?.fact).toMatch(DROPPED_ROW);
  });

  test('leaves what both sides prove in front', async () => {
    const both = await analyseFiles([labFile('reject', 'gateway.pcapng')], { shortestSeconds: 1 });
    const { findings } = withKernel(both, kernelSaying(rowEndsOf('reject')));
    for (const { evidence } of findings) {
      expect(evidence[0]?.fact).toMatch(/^made inside the box/);
      expect(evidence[1]?.fact).toMatch(DROPPED_ROW);
    }
  });
});

describe('a row that went before its time', () => {
  test('was no timeout: a flush stays a burst and says why', async () => {
    const kernel = kernelSaying(rowEndsOf('flush-mixed'), { establishedSeconds: 60 });
    const { findings, paths } = report(withKernel(await inside('flush-mixed'), kernel), 1000);
    expect(findings.length).toBeGreaterThan(0);
    for (const { verdict, evidence } of findings) {
      expect(verdict).toBe('burst');
      expect(evidence[0]).toMatchObject({
        fact: expect.stringMatching(/before the configured 60 s: flushed, pushed out/),
        speaksFor: 'not-a-timeout',
      });
    }
    expect(paths[0]?.configured).toMatchObject({ rowsEnded: 0, atMostSeconds: null });
  });

  test('lifts no verdict: the same deaths under a longer setting stay possible', async () => {
    const alone = await inside('drop');
    const kernel = kernelSaying(rowEndsOf('drop'), { establishedSeconds: 432_000 });
    const { findings } = withKernel(alone, kernel);
    expect(findings.map(({ verdict }) => verdict)).toEqual(
      alone.findings.map(({ verdict }) => verdict),
    );
  });
});

describe('the setting', () => {
  test('is held against what was measured, and where they disagree that is a warning', async () => {
    const kernel = kernelSaying(rowEndsOf('reject'), { establishedSeconds: 432_000 });
    const analysis = withKernel(await inside('reject'), kernel);
    expect(report(analysis, 1000).paths[0]?.configured).toMatchObject({
      agrees: false,
      warning: expect.stringMatching(/set to 432000 s, and connections die after 7\.\d+ s/),
    });
    const text = reportText(analysis, pageFor({ columns: 200, colour: false }));
    expect(text).toContain('WARNING: this gateway is set to 432000 s');
  });

  test('is not put beside a path whose connections this kernel does not keep', async () => {
    const document = report(withKernel(await inside('reject'), kernelSaying([])), 1000);
    expect(document.paths[0]?.configured).toBeNull();
    expect(
      document.findings.flatMap(({ evidence }) => evidence.map(({ fact }) => fact)).join(),
    ).not.toMatch(DROPPED_ROW);
  });

  test('without --conntrack the report has neither', async () => {
    const document = report(await inside('reject'), 1000);
    expect(document).not.toHaveProperty('conntrack');
    expect(document.paths[0]).not.toHaveProperty('configured');
  });

  test('is read from the namespace; no table, no settings', () => {
    const values = { count: 3, max: 9, tcp_timeout_established: 600, tcp_loose: 0, events: 2 };
    const files = Object.entries(values).map(([name, value]) => [
      `/proc/sys/net/netfilter/nf_conntrack_${name}`,
      `${value}\n`,
    ]);
    expect(conntrackSettings(madeUpMachine({ files: Object.fromEntries(files) }))).toMatchObject({
      entries: 3,
      most: 9,
      establishedSeconds: 600,
      loose: false,
      closeWaitSeconds: null,
      eventsOf: 'rows made since',
    });
    expect(conntrackSettings(madeUpMachine({ files: {} }))).toBeNull();
  });
});

describe('ends are remembered within bounds', () => {
  const end = (port: number): RowEnd => ({
    original: { source: 'a', destination: 'b', sourcePort: port, destinationPort: 1 },
    reply: { source: 'b', destination: 'c', sourcePort: 1, destinationPort: port },
    atNs: BigInt(port),
    marked: false,
    zone: 0,
    state: 3,
    assured: true,
  });
  const asked = (port: number) => ({
    originatorAddress: 'a',
    originatorPort: port,
    responderAddress: 'b',
    responderPort: 1,
  });

  test('the oldest go first and are counted', () => {
    const ends = new RowEnds(100);
    for (let port = 1; port <= 250; port++) ends.add(end(port));
    expect(ends.endOf(asked(1), 0n, 1000n)).toBeNull();
    expect(ends.endOf(asked(250), 0n, 1000n)?.atNs).toBe(250n);
    const { heard, open, dropped } = ends.counts;
    expect([heard, open]).toEqual([250, 250]);
    expect(dropped).toBeGreaterThanOrEqual(150);
    expect(dropped).toBeLessThan(250);
  });

  test('rows of connections that were closing are counted, not kept', () => {
    const ends = new RowEnds();
    ends.add({ ...end(1), state: 7 });
    expect(ends.counts).toEqual({ heard: 1, open: 0, dropped: 0 });
    expect(ends.endOf(asked(1), 0n, 1000n)).toBeNull();
    expect(ends.hasRowsTo('b', 1)).toBe(false);
  });
});

const why = whyNoLab();

describe.skipIf(why !== null)(why ?? 'the netlink reader on a real gateway', () => {
  let net: Network;
  beforeAll(async () => {
    net = await network();
    await setUpBox(net.gateway, { ...REJECTING, loose: LOOSE.loose }, 600);
  });
  afterAll(() => net.remove());

  /** Rows as `conntrack` itself makes them. */
  const rows = (
    action: readonly string[],
    from: number,
    count: number,
    where = net,
  ): Promise<string> => {
    const script = `i=${from}; while [ $i -lt ${from + count} ]; do conntrack ${action.join(' ')} --sport $i; i=$((i+1)); done`;
    return within(where.gateway, ['sh', '-e'], script);
  };
  const ROW = ['-p', 'tcp', '-s', '10.1.1.1', '-d', '10.2.2.2', '--dport', '443'];
  const ADD = ['-I', ...ROW, '-t', '600', '--state', 'ESTABLISHED', '-u', 'ASSURED'];
  const DELETE = ['-D', ...ROW, '>/dev/null'];

  test('tells the tuples, the state and the time of the end', async () => {
    const { stop } = await listen(net.gateway);
    const before = BigInt(Date.now()) * 1_000_000n;
    await rows(ADD, 1000, 3);
    await rows(DELETE, 1000, 3);
    const { ends, overruns, settings } = await stop();
    expect(overruns).toBe(0);
    expect(settings.establishedSeconds).toBe(600);
    expect(ends.map(({ original }) => original.sourcePort).sort((a, b) => a - b)).toEqual([
      1000, 1001, 1002,
    ]);
    for (const { original, reply, state, assured, atNs } of ends) {
      expect(original).toMatchObject({ source: '10.1.1.1', destination: '10.2.2.2' });
      expect(reply).toMatchObject({ source: '10.2.2.2', sourcePort: 443 });
      expect([state, assured]).toEqual([3, true]);
      expect(BigInt(atNs) - before).toBeGreaterThan(0n);
      expect(BigInt(atNs) - before).toBeLessThan(30_000_000_000n);
    }
  });

  test('takes the kernel’s own mark where the namespace writes one', async () => {
    await setSysctls(net.gateway, { 'net/netfilter/nf_conntrack_timestamp': 1 });
    const { stop } = await listen(net.gateway);
    await rows(ADD, 2000, 1);
    await rows(DELETE, 2000, 1);
    expect((await stop()).ends).toMatchObject([{ marked: true }]);
  });

  test('rows made before it listened tell nothing, unless nf_conntrack_events is 1', async () => {
    const heard: number[] = [];
    // One in which nobody has listened yet: the kernel takes its time to notice that a listener is gone.
    const untouched = await network();
    onTestFinished(() => untouched.remove());
    await setUpBox(untouched.gateway, REJECTING, 600);
    for (const [mode, port] of [
      [2, 3000],
      [1, 3001],
    ] as const) {
      await setSysctls(untouched.gateway, { 'net/netfilter/nf_conntrack_events': mode });
      await rows(ADD, port, 1, untouched);
      const { stop } = await listen(untouched.gateway);
      await rows(DELETE, port, 1, untouched);
      heard.push((await stop()).ends.length);
    }
    expect(heard).toEqual([0, 1]);
  });

  test('events that nobody fetched in time are counted as lost', async () => {
    await setSysctls(net.gateway, { 'net/netfilter/nf_conntrack_events': 1 });
    await rows(ADD, 4000, 60);
    const { stop, child } = await listen(net.gateway, 4096);
    child.kill('SIGSTOP');
    await within(net.gateway, ['conntrack', '-F']);
    child.kill('SIGCONT');
    await sleep(200);
    const { ends, overruns } = await stop();
    expect(overruns).toBeGreaterThan(0);
    expect(ends.length).toBeLessThan(60);
  });

  test('without CAP_NET_ADMIN it is refused by name', async () => {
    const words = ['setpriv', '--bounding-set', '-net_admin', '--inh-caps', '-net_admin'];
    await expect(
      within(net.gateway, [...words, process.execPath, 'test/lab/programs/conntrack.js']),
    ).rejects.toThrow(/E_CONNTRACK_DENIED/);
  });
});

describe.skipIf(why !== null)(
  why ?? '`watch --conntrack` on the inside of a gateway that drops in silence',
  () => {
    const SILENT = SCENARIOS.filter(({ name }) => name === 'drop' || name === 'v6-drop');

    test.concurrent.each(SILENT.map((scenario) => [scenario.name, scenario] as const))(
      '%s: its kernel proves every death',
      async (_, scenario) => {
        const { flows, reports } = await experiment(scenario, 4, [watchWithKernel]);
        const [{ findings, paths, conntrack } = { findings: [], paths: [] }] = reports.values();
        expect(findings).toHaveLength(flows.length);
        for (const { signature, verdict, confidence, evidence } of findings) {
          expect([signature, verdict]).toEqual(['blackhole', 'box-timeout']);
          expect(confidence).toBeGreaterThanOrEqual(0.9);
          expect(evidence[0]?.fact).toMatch(DROPPED_ROW);
        }
        expect(paths[0]?.configured).toMatchObject({ seconds: 4, agrees: true, rowsEnded: 8 });
        const most = paths[0]?.configured?.atMostSeconds ?? 0;
        expect(most).toBeGreaterThan(4);
        expect(most).toBeLessThan(5.5);
        expect(conntrack).toMatchObject({ eventsLost: 0, loose: false });
      },
      120_000,
    );
  },
);
