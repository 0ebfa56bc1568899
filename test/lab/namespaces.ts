/**
 * Network namespaces of the lab's own. A name carries the pid of the process that made it, so two labs at once never meet,
 * and what a killed one left behind is known and swept by the next.
 */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const PREFIX = 'deadairlab';

const PROGRAMS = ['ip', 'ss', 'nft', 'setpriv', 'tcpdump', 'dumpcap', 'conntrack', 'haproxy'];

const isThere = (program: string): boolean =>
  (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, program)));

/** Why there can be no lab here, or null. */
export function whyNoLab(): string | null {
  if (process.getuid?.() !== 0) return 'the lab makes network namespaces, which needs root';
  const missing = PROGRAMS.filter((program) => !isThere(program));
  if (missing.length > 0) return `the lab needs ${missing.join(', ')}`;
  const probe = spawnSync('unshare', ['-n', 'nft', 'add table ip t'], { encoding: 'utf8' });
  return probe.status === 0 ? null : 'this machine makes no network namespaces, or has no nft';
}

let made = 0;

/** A prefix that no other lab has: `deadairlab-PID-N-`. */
export const freshPrefix = (): string => `${PREFIX}-${process.pid}-${++made}-`;

/** Words of a program and its stdout; a status other than 0 is an error with its own words. */
export function output(program: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, [...args], { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${program} ${args.join(' ')}: ${stderr || error.message}`));
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/** Several lines of `ip`, in the namespace if one is named. */
export const ip = (lines: readonly string[], namespace?: string): Promise<string> =>
  output('ip', [...(namespace ? ['-n', namespace] : []), '-batch', '-'], `${lines.join('\n')}\n`);

export const within = (namespace: string, words: readonly string[], input = ''): Promise<string> =>
  output('ip', ['netns', 'exec', namespace, ...words], input);

/** A child in the namespace that dies with this process, however that ends. */
export function start(namespace: string, words: readonly string[]): ChildProcess {
  const guard = ['--pdeathsig', 'KILL', 'ip', 'netns', 'exec', namespace, ...words];
  return spawn('setpriv', guard, { stdio: ['pipe', 'pipe', 'pipe'] });
}

/** Resolves when what the child prints (both streams) matches; rejects when it ends before. */
export function printed(child: ChildProcess, what: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const look = (chunk: Buffer): void => {
      text += chunk.toString();
      if (what.test(text)) resolve(text);
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.once('error', reject);
    child.once('exit', (status) => reject(new Error(`it ended with ${status}: ${text}`)));
  });
}

/** Ends the child: asked first, killed where it does not hear within `patienceMs`. */
export function ended(
  child: ChildProcess,
  signal: NodeJS.Signals = 'SIGTERM',
  patienceMs = 5000,
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const last = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    child.once('close', () => {
      clearTimeout(last);
      resolve();
    });
    child.kill(signal);
  });
}

export async function setSysctls(
  namespace: string,
  values: Readonly<Record<string, number>>,
): Promise<void> {
  const lines = Object.entries(values).map(([name, value]) => `echo ${value} >/proc/sys/${name}`);
  await within(namespace, ['sh', '-e'], lines.join('\n'));
}

/** Removes namespaces whose maker is gone, and ends what still runs in them. */
export async function sweep(): Promise<void> {
  const names = (await output('ip', ['netns', 'list'])).match(/^deadairlab-\d+-\S+/gm) ?? [];
  for (const name of names) {
    if (existsSync(`/proc/${name.split('-')[1]}`)) continue;
    const pids = (await output('ip', ['netns', 'pids', name]).catch(() => '')).split('\n');
    for (const pid of pids.filter(Boolean)) kill(Number(pid));
    await output('ip', ['netns', 'delete', name]).catch(() => '');
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}
