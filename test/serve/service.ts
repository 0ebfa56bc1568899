/** A real service in a folder of the test's own: `bin/deadair serve` in a process group of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/base/root.ts';
import { type Database, openDatabase } from '../../src/report/store/database.ts';
import {
  insertJob,
  type Job,
  jobOf,
  type JobSettings,
  newJobId,
} from '../../src/report/store/jobs.ts';
import { captureFile, makeFolders } from '../../src/report/store/places.ts';
import { until } from '../queue/redis.ts';

export interface Service {
  readonly pid: number;
  readonly said: () => string;
  /** Its direct children and theirs, by what they are: `reporter`, `worker`, `analysis`, `redis-server`, … */
  readonly parts: () => ReadonlyMap<string, number>;
  /** SIGKILL to the whole process group, and its end. */
  killAll(): Promise<void>;
  /** SIGTERM; the milliseconds it took to end, and its exit status. */
  stop(): Promise<{ milliseconds: number; status: number | null }>;
}

function commandLine(pid: string): string[] {
  try {
    return readFileSync(join('/proc', pid, 'cmdline'), 'utf8').split('\0');
  } catch {
    return [];
  }
}

function parentOf(pid: string): number {
  try {
    const stat = readFileSync(join('/proc', pid, 'stat'), 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

function roleOf(words: readonly string[]): string | null {
  const at = words.indexOf('role');
  if (at > 0) return words[at + 1] ?? null;
  if (words.includes('watch') && words[0] !== 'setpriv') return 'watch';
  const program = words[0]?.split(/[ /]/).find((part) => /redis|valkey/.test(part));
  return program ?? null;
}

/** Descendants of `root`, by role; the last of each. */
function partsOf(root: number): ReadonlyMap<string, number> {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const parents = new Map(processes.map((pid) => [Number(pid), parentOf(pid)]));
  const belongs = (pid: number): boolean => {
    for (let at = pid; at > 1; at = parents.get(at) ?? 0) if (at === root) return pid !== root;
    return false;
  };
  const found = [...parents.keys()].filter(belongs);
  return new Map(
    found.flatMap((pid) => {
      const role = roleOf(commandLine(String(pid)));
      return role === null ? [] : [[role, pid] as const];
    }),
  );
}

export interface StartOptions {
  /** What to start it by: a program and its words, that becomes what follows them. */
  readonly by?: readonly string[];
}

export async function startService(
  data: string,
  flags: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
  { by = [] }: StartOptions = {},
): Promise<Service> {
  const script = join(packageRoot(), 'bin', 'deadair');
  const line = [...by, process.execPath, script, 'serve', '--data', data, ...flags];
  const child: ChildProcess = spawn(line[0] ?? '', line.slice(1), {
    stdio: ['ignore', 'inherit', 'pipe'],
    detached: true,
    env: { ...process.env, DEADAIR_REDIS: '', REDIS_URL: '', DEADAIR_LOG_LEVEL: 'warn', ...env },
  });
  let said = '';
  child.stderr?.on('data', (text: Buffer) => (said += text.toString()));
  const pid = child.pid ?? 0;
  await until(
    'the service says that it is there',
    () => /^deadair: .*\(data in/m.test(said) || child.exitCode !== null,
    30_000,
  );
  if (child.exitCode !== null) throw new Error(`the service did not start: ${said}`);
  const gone = () =>
    child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null;
  return {
    pid,
    said: () => said,
    parts: () => partsOf(pid),
    async killAll() {
      const end = gone();
      try {
        process.kill(-pid, 'SIGKILL');
      } catch {
        // nothing of it is left
      }
      await end;
    },
    async stop() {
      const began = performance.now();
      const end = gone();
      process.kill(pid, 'SIGTERM');
      await end;
      return { milliseconds: performance.now() - began, status: child.exitCode };
    },
  };
}

/** Hands a capture in as the API does: the file in its place, then the row. The sweeper finds it. */
export function handIn(data: string, db: Database, capture: string, settings: JobSettings): string {
  makeFolders(data);
  const id = newJobId();
  copyFileSync(capture, captureFile(data, id));
  const bytes = statSync(capture).size;
  insertJob(db, { id, name: 'test', source: 'test', bytes, sha256: id, settings }, Date.now());
  return id;
}

export const storeOf = (data: string): Database => openDatabase(data);

export async function untilOver(db: Database, job: string, withinMs = 40_000): Promise<Job> {
  const over = ['completed', 'failed', 'cancelled'];
  await until(`${job} is over`, () => over.includes(jobOf(db, job)?.state ?? ''), withinMs);
  const row = jobOf(db, job);
  if (row === null) throw new Error('the job is gone');
  return row;
}

export const partFiles = (data: string): string[] =>
  existsSync(join(data, 'incoming')) ? readdirSync(join(data, 'incoming')) : [];
