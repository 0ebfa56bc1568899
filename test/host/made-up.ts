/**
 * A machine in a folder: a made-up /proc and /sys, healthy unless said otherwise, read by the real
 * code as the real ones are. What programs would print (nsenter, dmesg) is given with it, because
 * no program runs in a folder.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { NativeRings } from '../../src/capture/addon.ts';
import { type Machine, machineAt } from '../../src/host/machine.ts';

type Files = Readonly<Record<string, string>>;

export interface MadeUp {
  readonly files?: Files;
  /** A link that leads nowhere, as those of /proc do: "/proc/7/fd/3": "socket:[70]". */
  readonly links?: Files;
  /** What the drivers of cards say. */
  readonly rings?: Readonly<Record<string, NativeRings>>;
  /** What a program prints; one that is not named here cannot be run. */
  readonly programs?: Readonly<Record<string, (args: readonly string[]) => string>>;
}

const HEALTHY: Files = {
  '/proc/sys/kernel/hostname': 'made-up\n',
  '/proc/sys/kernel/osrelease': '6.1.0\n',
  '/proc/sys/kernel/threads-max': '100000\n',
  '/proc/sys/kernel/pid_max': '100000\n',
  '/proc/sys/net/ipv4/tcp_keepalive_time': '60\n',
  '/proc/sys/net/ipv4/tcp_keepalive_intvl': '10\n',
  '/proc/sys/net/ipv4/tcp_keepalive_probes': '5\n',
  '/proc/sys/net/ipv4/tcp_retries2': '8\n',
  '/proc/sys/vm/zone_reclaim_mode': '0\n',
  '/proc/sys/vm/overcommit_memory': '0\n',
  '/proc/loadavg': '0.10 0.10 0.10 1/200 4711\n',
  '/proc/self/net/tcp': 'head\n',
  '/sys/devices/system/node/online': '0\n',
};

export function madeUpFolder({ files = {}, links = {} }: MadeUp): string {
  const root = mkdtempSync(join(tmpdir(), 'deadair-host-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const at = (path: string): string => {
    const full = join(root, path);
    mkdirSync(dirname(full), { recursive: true });
    return full;
  };
  for (const [path, text] of Object.entries({ ...HEALTHY, ...files }))
    writeFileSync(at(path), text);
  const all = { '/proc/self/ns/net': 'net:[1]', ...links };
  for (const [path, target] of Object.entries(all)) symlinkSync(target, at(path));
  return root;
}

export function madeUpMachine(made: MadeUp): Machine {
  const machine = machineAt(madeUpFolder(made));
  return {
    ...machine,
    rings: (name) => made.rings?.[name] ?? null,
    keepalive: () => null,
    run(program, args) {
      const print = made.programs?.[program];
      return Promise.resolve(
        print === undefined ? { is: 'absent' } : { is: 'there', text: print(args) },
      );
    },
  };
}

export interface MadeUpProcess {
  readonly pid: number;
  readonly name: string;
  readonly uid?: number;
  readonly threads?: number;
  readonly namespace?: string;
  readonly cgroup?: string;
  readonly limit?: number;
  /** Inodes of its sockets. */
  readonly sockets?: readonly number[];
}

export function processFiles(
  processes: readonly MadeUpProcess[],
): Required<Pick<MadeUp, 'files' | 'links'>> {
  const files: Record<string, string> = {};
  const links: Record<string, string> = {};
  for (const { pid, name, uid = 0, threads = 1, limit = 50_000, ...rest } of processes) {
    const { cgroup = '0::/\n', namespace = 'net:[1]', sockets = [] } = rest;
    files[`/proc/${pid}/status`] =
      `Name:\t${name}\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\nThreads:\t${threads}\n`;
    files[`/proc/${pid}/cgroup`] = cgroup;
    files[`/proc/${pid}/limits`] = `Max processes             ${limit}   ${limit}   processes\n`;
    links[`/proc/${pid}/ns/net`] = namespace;
    for (const [i, inode] of sockets.entries()) {
      links[`/proc/${pid}/fd/${i + 3}`] = `socket:[${inode}]`;
    }
  }
  return { files, links };
}

/** "10.0.0.2:40000" as the kernel of a little-endian machine writes it: "0200000A:9C40". */
function hexEndpoint(endpoint: string): string {
  const [address = '', port = ''] = endpoint.split(':');
  const bytes = address.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'));
  const hex = bytes.reverse().join('') + `:${Number(port).toString(16).padStart(4, '0')}`;
  return hex.toUpperCase();
}

export interface MadeUpSocket {
  readonly local: string;
  readonly remote?: string;
  readonly state?: 'established' | 'listen';
  /** "none", "busy", or seconds left on the keepalive timer. */
  readonly timer?: 'none' | 'busy' | number;
  readonly uid?: number;
  readonly inode?: number;
}

export function tcpTable(sockets: readonly MadeUpSocket[]): string {
  const lines = sockets.map(({ local, remote = '0.0.0.0:0', timer = 'none', ...rest }, i) => {
    const { state = 'established', uid = 0, inode = 0 } = rest;
    const when = typeof timer === 'number' ? Math.round(timer * 100) : timer === 'busy' ? 20 : 0;
    const kind = typeof timer === 'number' ? '02' : timer === 'busy' ? '01' : '00';
    const clock = `${kind}:${when.toString(16).padStart(8, '0').toUpperCase()}`;
    const st = state === 'listen' ? '0A' : '01';
    const ends = `${hexEndpoint(local)} ${hexEndpoint(remote)}`;
    const queues = '00000000:00000000';
    return `   ${i}: ${ends} ${st} ${queues} ${clock} 00000000  ${uid}  0 ${inode} 1 0 20 4 30 10 -1`;
  });
  return ['  sl  local_address rem_address   st …', ...lines, ''].join('\n');
}
