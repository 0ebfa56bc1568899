/** The API as a test speaks to it, and the commands against it, as processes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { packageRoot } from '../../src/base/root.ts';
import { until } from '../queue/redis.ts';

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const authorization = (token: string | null): Record<string, string> =>
  token === null ? {} : { authorization: `Bearer ${token}` };

export interface JobAnswer {
  readonly id: string;
  readonly state: string;
  readonly worker: string | null;
  readonly problem: { readonly code: string } | null;
}

export interface Api {
  readonly base: string;
  ready(): Promise<boolean>;
  upload(bytes: Uint8Array, query?: string): Promise<JobAnswer>;
  job(id: string): Promise<JobAnswer>;
  over(id: string, withinMs?: number): Promise<JobAnswer>;
  json(path: string): Promise<unknown>;
}

export function apiAt(base: string, token: string | null = null): Api {
  const headers = authorization(token);
  const get = (path: string) =>
    fetch(`${base}${path}`, { headers, signal: AbortSignal.timeout(10_000) });
  const job = async (id: string) => (await (await get(`/api/v1/jobs/${id}`)).json()) as JobAnswer;
  return {
    base,
    job,
    ready: async () => (await get('/readyz').catch(() => null))?.status === 200,
    json: async (path) => (await get(path)).json(),
    async upload(bytes, query = '') {
      const answer = await fetch(`${base}/api/v1/captures${query}`, {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream', ...headers },
        body: new Uint8Array(bytes),
      });
      if (answer.status !== 202) throw new Error(`answered ${answer.status}`);
      return (await answer.json()) as JobAnswer;
    },
    async over(id, withinMs = 40_000) {
      const ends = ['completed', 'failed', 'cancelled'];
      await until(`${id} is over`, async () => ends.includes((await job(id)).state), withinMs);
      return job(id);
    },
  };
}

export interface Run {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
  readonly ended: Promise<number | null>;
}

export function deadair(args: readonly string[], env: Readonly<Record<string, string>> = {}): Run {
  const script = join(packageRoot(), 'bin', 'deadair');
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, DEADAIR_REDIS: '', REDIS_URL: '', DEADAIR_LOG_LEVEL: 'warn', ...env },
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (out += text.toString()));
  child.stderr.on('data', (text: Buffer) => (err += text.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, out: () => out, err: () => err, ended };
}

/** The whole group at once. */
export async function killRun({ child, ended }: Run): Promise<void> {
  try {
    process.kill(-(child.pid ?? 0), 'SIGKILL');
  } catch {
    // it has ended
  }
  await ended;
}
