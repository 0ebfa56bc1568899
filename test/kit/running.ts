/** A real `deadair serve`: its own data directory, its own Redis, a free port; gone with everything it started. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/base/root.ts';

/** Chosen: several processes start, on a machine that other tests share. */
const PATIENCE_MS = 60_000;
const LOOK_MS = 100;

export interface Running {
  readonly port: number;
  readonly url: string;
  /** Its data directory: gone when it has stopped. */
  readonly data: string;
  /** Of everything that it said, the last part. */
  said(): string;
  /** Hands in a capture and waits until its job is over; the job's id. */
  job(capture: string, shortest: string, name: string): Promise<string>;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export async function until<T>(
  what: string,
  look: () => Promise<T | null | false>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const end = Date.now() + patienceMs;
  while (Date.now() < end) {
    const found = await look();
    if (found !== null && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  throw new Error(`waited in vain for ${what}`);
}

async function stopped(child: ChildProcess, data: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGTERM');
    const hard = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await once(child, 'exit');
    clearTimeout(hard);
  }
  rmSync(data, { recursive: true, force: true });
}

interface JobSeen {
  readonly id: string;
  readonly state: string;
  readonly problem: unknown;
}

export async function running(
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Running> {
  const data = mkdtempSync(join(tmpdir(), 'deadair-serve-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const command = [
    'bin/deadair',
    'serve',
    '--listen',
    `127.0.0.1:${port}`,
    '--data',
    data,
    '--jobs',
    '1',
  ];
  const child = spawn(process.execPath, [...command, ...args], {
    cwd: packageRoot(),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (said = (said + String(chunk)).slice(-20_000)));
  }
  const ready = async () => {
    if (child.exitCode !== null) throw new Error(`serve ended at once: ${said}`);
    return (await fetch(`${url}/readyz`).catch(() => null))?.ok === true;
  };
  try {
    await until(`serve to be ready`, ready);
  } catch (thrown) {
    await stopped(child, data);
    throw thrown;
  }
  return {
    port,
    url,
    data,
    said: () => said,
    async job(capture, shortest, name) {
      const at = `${url}/api/v1/captures?shortest=${shortest}&name=${encodeURIComponent(name)}`;
      const type = { 'content-type': 'application/octet-stream' };
      const body = readFileSync(capture);
      const answer = await fetch(at, { method: 'POST', body, headers: { ...headers, ...type } });
      const { id } = (await answer.json()) as JobSeen;
      const over = async () => {
        const seen = (await (
          await fetch(`${url}/api/v1/jobs/${id}`, { headers })
        ).json()) as JobSeen;
        if (seen.state === 'failed') throw new Error(`job failed: ${JSON.stringify(seen.problem)}`);
        return seen.state === 'completed';
      };
      await until(`job ${name}`, over);
      return id;
    },
    stop: () => stopped(child, data),
  };
}
