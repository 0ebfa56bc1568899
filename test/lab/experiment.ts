/** One scenario from the first namespace to the last report. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChildProcess } from 'node:child_process';
import { nativeProgram } from '../native-program.ts';
import { setUpBox } from './box.ts';
import { ended, printed, start, within } from './namespaces.ts';
import { type Network, network, PORT, SERVER, SERVER_6 } from './network.ts';
import { type Flow, type Lived, longest } from './plan.ts';
import type { Recorder, Report } from './recorders.ts';
import type { Scenario } from './scenarios.ts';

export interface Outcome {
  readonly timeout: number;
  readonly flows: readonly (Flow & Lived)[];
  /** By the recorder's name. */
  readonly reports: ReadonlyMap<string, Report>;
}

const PROGRAMS = join(import.meta.dirname, 'programs');
const program = (name: string): string => join(PROGRAMS, name);

/** Rows that live this long are not what these scenarios are about, seconds. */
const FOR_EVER = 600;

interface Stage {
  readonly scenario: Scenario;
  readonly timeout: number;
  readonly net: Network;
  readonly folder: string;
  readonly running: ChildProcess[];
}

const addressOf = ({ scenario: { family } }: Stage): string => (family === 6 ? SERVER_6 : SERVER);

/** Where the client finds the server. */
function targetOf({ scenario }: Stage): string {
  const { box, family, with: extra } = scenario;
  if (extra === 'haproxy' || (box.forwards && family === 4)) return '192.168.77.1';
  if (box.forwards) return '2001:db8:1::1';
  return family === 6 ? SERVER_6 : SERVER;
}

async function launch(
  stage: Stage,
  namespace: string,
  words: readonly string[],
): Promise<ChildProcess> {
  const child = start(namespace, words);
  stage.running.push(child);
  await printed(child, /up\n/);
  return child;
}

const server = (stage: Stage): Promise<ChildProcess> =>
  launch(stage, stage.net.server, [
    process.execPath,
    program('server.js'),
    addressOf(stage),
    String(PORT),
  ]);

const haproxy = (t: number): string => `global
  maxconn 500
defaults
  mode tcp
  timeout connect 2s
  timeout client ${t}s
  timeout server ${t}s
frontend f
  bind 192.168.77.1:${PORT}
  default_backend b
backend b
  server s ${SERVER}:${PORT}
`;

async function extras(stage: Stage): Promise<void> {
  const { scenario, timeout, net, folder, running } = stage;
  if (scenario.with === 'haproxy') {
    const file = join(folder, 'haproxy.cfg');
    await writeFile(file, haproxy(timeout));
    running.push(start(net.gateway, ['haproxy', '-f', file, '-db']));
    await listening(net.gateway);
  }
  if (scenario.with === 'expiry-both' || scenario.with === 'expiry-one') {
    const box = await nativeProgram('test/lab/programs/expiry.cc', []);
    const far = scenario.with === 'expiry-both' ? ['out0:203.0.113/others'] : [];
    await launch(stage, net.gateway, [box, String(timeout), 'in0:192.168.77', ...far]);
  }
}

async function listening(namespace: string): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if ((await within(namespace, ['ss', '-Htln'])).includes(`:${PORT}`)) return;
    await sleep(50);
  }
  throw new Error(`nothing listens on port ${PORT}`);
}

/** The server's host loses all its connections and tells nobody. */
async function restart({ net }: Stage, child: ChildProcess): Promise<void> {
  const mute =
    'table inet z { chain o { type filter hook output priority 0; tcp flags & (fin|rst) != 0 drop; }; }';
  await within(net.server, ['nft', '-f', '-'], mute);
  await ended(child, 'SIGKILL');
  await within(net.server, ['ss', '-K', 'state', 'all', 'sport', '=', `:${PORT}`]);
  await sleep(200);
  await within(net.server, ['nft', 'delete', 'table', 'inet', 'z']);
}

async function events(stage: Stage, serving: ChildProcess): Promise<void> {
  const { scenario, timeout, net } = stage;
  if (scenario.with !== 'restart' && scenario.with !== 'flush') return;
  await sleep(2000 + timeout * 1000);
  if (scenario.with === 'flush') await within(net.gateway, ['conntrack', '-F']);
  else await restart(stage, serving);
}

/** The client's own lines, one a connection. */
async function live(stage: Stage, flows: readonly Flow[]): Promise<readonly Lived[]> {
  const told = JSON.stringify({ host: targetOf(stage), port: PORT, flows });
  const words = [process.execPath, program('client.js')];
  const lines = await within(stage.net.client, words, told);
  return lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Lived);
}

/**
 * One connection there and back before anything is recorded. A first SYN that is lost while neighbours are still being
 * found leaves a retransmission timer of seconds, and a silent drop with too few retransmissions to be told.
 */
const WARM_UP: Flow = {
  name: 'warm-up',
  startSeconds: 0,
  mode: 'echo',
  plan: [['echo', 10]],
  dies: false,
};

async function warmUp(stage: Stage): Promise<void> {
  const [lived] = await live(stage, [WARM_UP]);
  if (lived?.end !== 'closed') throw new Error(`the network does not carry: ${lived?.end}`);
}

/** A machine that slept in the middle of a silence made another experiment of it. */
export class TooBusy extends Error {}

function checked(flow: Flow, lived: Lived | undefined, timeout: number): Flow & Lived {
  if (lived === undefined) throw new Error(`${flow.name} was never heard of`);
  const planned = flow.plan.filter(([step]) => step === 'idle').map(([, amount]) => amount);
  for (const [i, real] of lived.silences.entries()) {
    const most = longest(flow, planned[i] ?? 0, timeout);
    if (real > most)
      throw new TooBusy(
        `${flow.name} was silent for ${real} s, not ${planned[i]} s (${most} s at most)`,
      );
  }
  return { ...flow, ...lived };
}

async function perform(stage: Stage, recorders: readonly Recorder[]): Promise<Outcome> {
  const { scenario, timeout, net, folder } = stage;
  const forgets = scenario.with === undefined;
  await setUpBox(net.gateway, scenario.box, forgets ? timeout : FOR_EVER);
  const serving = await server(stage);
  await extras(stage);
  await warmUp(stage);
  const recordings = await Promise.all(
    recorders.map(({ begin }) => begin(net.gateway, folder, '1s')),
  );
  const flows = scenario.flows(timeout);
  const [lived] = await Promise.all([live(stage, flows), events(stage, serving)]);
  // What the far ends still say, a reset to a late FIN for instance, belongs to it.
  await sleep(1000);
  const reports = new Map<string, Report>();
  for (const [i, recording] of recordings.entries())
    reports.set(recorders[i]?.name ?? '', await recording());
  const named = new Map(lived.map((one) => [one.name, one]));
  return {
    timeout,
    flows: flows.map((flow) => checked(flow, named.get(flow.name), timeout)),
    reports,
  };
}

async function attempt(
  scenario: Scenario,
  timeout: number,
  recorders: readonly Recorder[],
): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'deadair-lab-'));
  const net = await network();
  const running: ChildProcess[] = [];
  try {
    return await perform({ scenario, timeout, net, folder, running }, recorders);
  } finally {
    await Promise.all(running.map((child) => ended(child, 'SIGKILL')));
    await net.remove();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Chosen: a machine that is too busy each time is no place for a lab. */
const ATTEMPTS = 4;

/** Runs the scenario with T = `timeout` seconds; again where the machine was too busy to keep its plan. */
export async function experiment(
  scenario: Scenario,
  timeout: number,
  recorders: readonly Recorder[],
  attempts = ATTEMPTS,
): Promise<Outcome> {
  try {
    return await attempt(scenario, timeout, recorders);
  } catch (thrown) {
    if (!(thrown instanceof TooBusy) || attempts === 1) throw thrown;
    return experiment(scenario, timeout, recorders, attempts - 1);
  }
}
