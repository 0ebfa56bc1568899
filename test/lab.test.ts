/**
 * The lab: captures of a real Linux NAT whose every connection has a known end. What one capture point can show is
 * the table below; what takes two vantages at once, and what comes back under another port, is in together.test.ts.
 */
import { describe, expect, test } from 'vitest';
import { analyseFiles, type Seen, seen } from './kit/analyse.ts';
import { labFile, truthOf } from './kit/lab.ts';

interface Cell {
  readonly signature: string;
  readonly verdicts: readonly string[];
  readonly emitter?: string;
  readonly trigger?: string;
}

/** What must be found on every connection of a label; the labels not named must stay quiet. */
type Expected = Readonly<Record<string, Cell>>;

const BOX = ['box-timeout'];
const MAYBE = ['possible-box-timeout'];
const lateReset: Cell = { signature: 'late-reset', verdicts: BOX, emitter: 'middlebox' };
const blackhole: Cell = { signature: 'blackhole', verdicts: [...BOX, ...MAYBE], trigger: 'data' };
const expiry: Cell = { signature: 'expiry-reset', verdicts: BOX, emitter: 'middlebox' };
const restart: Cell = { signature: 'late-reset', verdicts: ['burst', ...MAYBE] };
const timer: Cell = { signature: 'idle-close', verdicts: ['endpoint-timer'] };
/** The server answers, but the path's threshold is significant. */
const remapped: Cell = { signature: 'late-reset', verdicts: BOX, emitter: 'endpoint' };
const keepaliveReset: Cell = { ...lateReset, signature: 'keepalive-reset', trigger: 'keepalive' };
const deafKeepalive: Cell = { signature: 'blackhole', verdicts: MAYBE, trigger: 'keepalive' };
const orphan: Cell = { signature: 'orphan-reset', verdicts: BOX, emitter: 'middlebox' };
const NOTHING: Expected = {};

const TABLE: readonly (readonly [scenario: string, file: string, expected: Expected])[] = [
  ['reject', 'inside.pcap', { 'late-reset': lateReset }],
  ['reject', 'client.pcap', { 'late-reset': lateReset }],
  ['reject', 'outside.pcap', NOTHING],
  ['reject', 'server.pcap', NOTHING],
  ['v6-reject', 'inside.pcap', { 'late-reset': lateReset }],
  ['v6-reject', 'outside.pcap', NOTHING],
  ['dnat', 'inside.pcap', { 'late-reset': lateReset }],
  ['dnat', 'outside.pcap', NOTHING],
  ['dnat-90', 'inside.pcap', { 'late-reset': lateReset }],
  ['dnat-90', 'client.pcap', { 'late-reset': lateReset }],
  ['dnat-90', 'outside.pcap', NOTHING],
  ['dnat-90', 'server.pcap', NOTHING],
  ['mixed-reject', 'inside.pcap', { 'late-reset': lateReset }],
  ['mixed-reject', 'outside.pcap', NOTHING],
  ['mixed-reject-90', 'inside.pcap', { 'late-reset': lateReset }],
  ['mixed-reject-90', 'outside.pcap', NOTHING],
  ['drop', 'inside.pcap', { blackhole }],
  ['drop', 'outside.pcap', NOTHING],
  ['mixed-drop', 'inside.pcap', { blackhole }],
  ['mixed-drop', 'outside.pcap', NOTHING],
  ['keepalive-reject', 'inside.pcap', { 'late-reset': keepaliveReset }],
  ['keepalive-reject', 'outside.pcap', NOTHING],
  ['keepalive-drop', 'inside.pcap', { blackhole: deafKeepalive }],
  ['keepalive-drop', 'outside.pcap', NOTHING],
  ['expiry-reset', 'inside.pcap', { 'expiry-reset': expiry }],
  ['expiry-reset', 'outside.pcap', { 'expiry-reset': expiry }],
  ['expiry-reset-one', 'inside.pcap', { 'expiry-reset': expiry }],
  ['expiry-reset-one', 'outside.pcap', NOTHING],
  ['remap', 'inside.pcap', { remap: remapped }],
  ['push', 'outside.pcap', { 'orphan-reset': orphan }],
  ['push', 'server.pcap', { 'orphan-reset': orphan }],
  ['peer-restart', 'inside.pcap', { 'peer-restart': restart }],
  ['peer-restart', 'outside.pcap', { 'peer-restart': restart }],
  ['flush-mixed', 'outside.pcap', NOTHING],
  ['haproxy', 'inside.pcap', { 'proxy-timeout': timer }],
  ['app', 'inside.pcap', NOTHING],
  ['app', 'outside.pcap', NOTHING],
  ['survive', 'inside.pcap', NOTHING],
  ['survive', 'outside.pcap', NOTHING],
];

/** The recordings with T = 90 s are read with the command's default of 20 s. */
const shortestSeconds = (scenario: string): number => (scenario.endsWith('-90') ? 20 : 1);

async function findings(scenario: string, file: string): Promise<readonly Seen[]> {
  const asked = { shortestSeconds: shortestSeconds(scenario) };
  return (await analyseFiles([labFile(scenario, file)], asked)).findings.map(seen);
}

const onPort = (found: readonly Seen[], port: number): readonly Seen[] =>
  found.filter(({ flow }) => flow.originator.port === port);

const told = ({ flow, signature, verdict, emitter, trigger }: Seen): string =>
  `${flow.originator.port} ${signature} ${verdict} ${emitter.is} ${trigger.kind}`;

/** Without what a second vantage may settle: the verdict and the emitter. */
const outline = ({ flow, signature, trigger }: Seen): string =>
  `${flow.originator.port} ${signature} ${trigger.kind}`;

function matches(found: Seen, cell: Cell): boolean {
  return (
    found.signature === cell.signature &&
    cell.verdicts.includes(found.verdict) &&
    (cell.emitter === undefined || found.emitter.is === cell.emitter) &&
    (cell.trigger === undefined || found.trigger.kind === cell.trigger)
  );
}

/** Where nothing is to be reported, an application's own timer may be (captures/README.md, the row `app`). */
const isTimer = (found: Seen): boolean => matches(found, timer);

function complaints(
  scenario: string,
  found: readonly Seen[],
  expected: Expected,
): readonly string[] {
  return truthOf(scenario).flows.flatMap((flow) => {
    const cell = expected[flow.label];
    const here = onPort(found, flow.client[1]);
    const wrong = here.filter((one) => (cell === undefined ? !isTimer(one) : !matches(one, cell)));
    const missing =
      cell !== undefined && here.length === 0 ? [`${flow.client[1]} nothing found`] : [];
    return [...missing, ...wrong.map(told)].map((what) => `${flow.label}: ${what}`);
  });
}

describe('what one capture point of the lab shows', () => {
  test.each(TABLE)('%s, %s', async (scenario, file, expected) => {
    const found = await findings(scenario, file);
    expect(complaints(scenario, found, expected)).toEqual([]);
    const ports = new Set(truthOf(scenario).flows.map((flow) => flow.client[1]));
    expect(found.filter(({ flow }) => !ports.has(flow.originator.port))).toEqual([]);
  });

  test('push, inside: the orphaned half may look like a black hole, or its late FIN like a timer', async () => {
    const found = (await findings('push', 'inside.pcap')).filter((one) => !isTimer(one));
    for (const one of found) expect(told(one)).toMatch(/blackhole possible-box-timeout/);
  });

  test('haproxy, outside: the proxy closes its own connections to the server at its own timer', async () => {
    const found = await findings('haproxy', 'outside.pcap');
    expect(found.filter((one) => !isTimer(one)).map(told)).toEqual([]);
    expect(found).toHaveLength(16);
  });
});

describe('many connections that die at one moment are a burst, whatever forgot them', () => {
  test.each([
    ['restart-mixed', 'inside.pcap'],
    ['restart-mixed', 'outside.pcap'],
    ['flush-mixed', 'inside.pcap'],
  ])('%s, %s', async (scenario, file) => {
    const { findings: all, bursts } = await analyseFiles([labFile(scenario, file)], {
      shortestSeconds: 1,
    });
    expect(all.length).toBeGreaterThan(0);
    expect(
      all
        .map(seen)
        .filter((one) => one.verdict !== 'burst')
        .map(told),
    ).toEqual([]);
    expect(bursts).toHaveLength(1);
  });
});

describe('a capture of two interfaces is two sightings', () => {
  const BOTH = [
    'reject',
    'drop',
    'keepalive-reject',
    'expiry-reset',
    'mixed-reject',
    'survive',
    'app',
  ];

  test.each(BOTH)(
    '%s, gateway.pcapng: each interface tells what it tells alone',
    async (scenario) => {
      const asked = { shortestSeconds: shortestSeconds(scenario) };
      const { findings: both, capturePoints } = await analyseFiles(
        [labFile(scenario, 'gateway.pcapng')],
        asked,
      );
      for (const [name, file] of [
        ['in0', 'inside.pcap'],
        ['out0', 'outside.pcap'],
      ] as const) {
        const point = capturePoints.findIndex((one) => one.name === name);
        const there = both.map(seen).filter(({ flow }) => flow.capturePoint === point);
        const alone = await findings(scenario, file);
        expect(there.map(outline).sort()).toEqual(alone.map(outline).sort());
      }
    },
  );
});
