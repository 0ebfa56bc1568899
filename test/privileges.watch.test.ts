/**
 * `deadair watch` with as little as it needs: as root that becomes somebody else, as the systemd unit starts it, and as a
 * user who may nothing.
 */
import { type ChildProcess, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { packageRoot } from '../src/base/root.ts';
import { ended, ip, printed, start, whyNoLab, within } from './lab/namespaces.ts';
import { type Network, network } from './lab/network.ts';
import { AS_NOBODY } from './lab/piped.ts';
import type { Report } from './lab/recorders.ts';

function whyNot(): string | null {
  const why = whyNoLab();
  if (why !== null) return why;
  const [setpriv = '', ...rest] = AS_NOBODY;
  const reaches = spawnSync(setpriv, [...rest, '--version']).status === 0;
  return reaches ? null : 'a plain user cannot be made here, or does not reach this checkout';
}

const why = whyNot();
const DEADAIR = join(packageRoot(), 'bin', 'deadair');
const NOBODY = '65534';

/** As systemd does it: another user, one ambient capability, nothing to be gained. */
const AS_UNIT = [
  ...['setpriv', '--reuid', NOBODY, '--regid', NOBODY, '--clear-groups', '--no-new-privs'],
  ...['--inh-caps', '-all,+net_raw', '--ambient-caps', '-all,+net_raw'],
  ...['--bounding-set', '-all,+net_raw', DEADAIR],
];

interface Watching {
  readonly child: ChildProcess;
  readonly report: () => Promise<Report>;
}

async function watching(net: Network, words: readonly string[]): Promise<Watching> {
  const child = start(net.gateway, words);
  onTestFinished(() => ended(child, 'SIGKILL'));
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await printed(child, /deadair: watching /);
  const report = async (): Promise<Report> => {
    await ended(child, 'SIGINT', 20_000);
    return JSON.parse(text) as Report;
  };
  return { child, report };
}

/** A field of every thread of a process. */
const fields = (pid: number, name: string): readonly string[] =>
  readdirSync(`/proc/${pid}/task`).map((id) => {
    const text = readFileSync(`/proc/${pid}/task/${id}/status`, 'utf8');
    return new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
  });

const RAW = 1n << 13n;
const isAtMostRaw = (mask: string): boolean => (BigInt(`0x${mask}`) & ~RAW) === 0n;

/** Packets through the interface: each refused SYN is answered. */
const knock = (net: Network): Promise<string> =>
  within(net.client, [
    process.execPath,
    '-e',
    `require('net').connect(1, '192.168.77.1').on('error', () => {})`,
  ]);

const until = async (
  holds: () => boolean | Promise<boolean>,
  withinMs: number,
): Promise<boolean> => {
  const last = performance.now() + withinMs;
  while (performance.now() < last) {
    if (await holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return false;
};

describe.skipIf(why !== null)(why ?? '`watch` with as little as it needs', () => {
  let net: Network;
  beforeAll(async () => {
    net = await network();
  });
  afterAll(() => net.remove());

  test('--user nobody: no thread is root or has more than CAP_NET_RAW, and it captures', async () => {
    const asked = ['watch', '-i', 'in0', '--user', 'nobody', '--json', '--workers', '2'];
    const { child, report } = await watching(net, [DEADAIR, ...asked]);
    const pid = child.pid ?? 0;
    for (const uid of fields(pid, 'Uid'))
      expect(uid.split('\t')).toEqual([NOBODY, NOBODY, NOBODY, NOBODY]);
    const masks = fields(pid, 'CapPrm');
    expect(masks.length).toBeGreaterThan(4);
    expect(masks.filter((mask) => !isAtMostRaw(mask))).toEqual([]);
    for (const mask of fields(pid, 'CapBnd').slice(0, 1)) expect(isAtMostRaw(mask)).toBe(true);
    await knock(net);
    const { sources } = await report();
    expect(sources[0]?.packets).toBeGreaterThan(0);
  }, 60_000);

  test('--user with --conntrack: the kernel is heard after the right to listen is gone', async () => {
    const asked = ['watch', '-i', 'in0', '--conntrack', '--user', 'nobody', '--json'];
    const { child, report } = await watching(net, [DEADAIR, ...asked]);
    expect(fields(child.pid ?? 0, 'CapEff').filter((mask) => !isAtMostRaw(mask))).toEqual([]);
    const row = ['-p', 'tcp', '-s', '10.1.1.1', '-d', '10.2.2.2', '--sport', '9', '--dport', '443'];
    const state = ['-t', '600', '--state', 'ESTABLISHED', '-u', 'ASSURED'];
    await within(net.gateway, ['conntrack', '-I', ...row, ...state]);
    await within(net.gateway, ['conntrack', '-D', ...row]);
    expect((await report()).conntrack).toMatchObject({ rowsEnded: 1, rowsEndedOpen: 1 });
  }, 60_000);

  test('--user: an interface that is deleted and made again is captured again', async () => {
    const asked = ['watch', '-i', 'tmp0', '--user', 'nobody', '--ndjson'];
    const make = async (): Promise<void> => {
      await ip(
        ['link add tmp0 type veth peer name tmp1', 'link set tmp0 up', 'link set tmp1 up'],
        net.gateway,
      );
    };
    await make();
    const { child } = await watching(net, [DEADAIR, ...asked]);
    const hasSocket = async (): Promise<boolean> => {
      const index = (await within(net.gateway, ['cat', '/sys/class/net/tmp0/ifindex'])).trim();
      const sockets = await within(net.gateway, ['cat', '/proc/net/packet']);
      return sockets.split('\n').some((line) => line.trim().split(/\s+/)[4] === index);
    };
    expect(await until(hasSocket, 5000)).toBe(true);
    await ip(['link delete tmp0'], net.gateway);
    await make();
    expect(await until(hasSocket, 6000)).toBe(true);
    expect(child.exitCode).toBeNull();
  }, 60_000);

  test('as the unit starts it: another user with one ambient capability captures', async () => {
    const { child, report } = await watching(net, [...AS_UNIT, 'watch', '-i', 'any', '--json']);
    expect(fields(child.pid ?? 0, 'CapEff').filter((mask) => !isAtMostRaw(mask))).toEqual([]);
    await knock(net);
    expect((await report()).sources[0]?.packets).toBeGreaterThan(0);
  }, 60_000);

  test('as the unit starts it, --conntrack is refused by name', async () => {
    const asked = ['watch', '-i', 'in0', '--conntrack'];
    await expect(within(net.gateway, [...AS_UNIT, ...asked])).rejects.toThrow(/E_CONNTRACK_DENIED/);
  });

  test('a user who may nothing is told the three ways', async () => {
    const refused = within(net.gateway, [...AS_NOBODY, 'watch', '-i', 'in0']);
    await expect(refused).rejects.toThrow(/E_CAPTURE_DENIED/);
    await expect(refused).rejects.toThrow(/--user|root[\s\S]*CAP_NET_RAW[\s\S]*read -/);
  });

  test('--user of nobody known is refused before anything is opened', () => {
    const { status, stderr } = spawnSync(DEADAIR, ['watch', '-i', 'lo', '--user', 'no-such-one'], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([2, expect.stringMatching(/E_USER_UNKNOWN/)]);
  });
});
