/** A real Redis of the test's own: on a unix socket in the test's folder, ended by its process id. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { answers } from '../../src/queue/connect.ts';
import { parseRedisUrl, type RedisTarget } from '../../src/queue/redis-url.ts';

function installed(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export const haveRedis = installed('redis-server');
export const NO_REDIS = 'redis-server is not installed';

export interface TestRedis {
  readonly url: string;
  readonly target: RedisTarget;
  start(): Promise<void>;
  /** SIGKILL, and its end. */
  kill(): Promise<void>;
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** `config('maxmemory', '1')` */
  config(name: string, value: string): void;
  command(...words: readonly string[]): string;
}

/** `more`: further arguments of redis-server. It appends to a file, so that it forgets little when it is killed. */
export function testRedis(folder: string, more: readonly string[] = []): TestRedis {
  const dir = join(folder, 'test-redis');
  mkdirSync(dir, { recursive: true });
  const socket = join(dir, 'r.sock');
  const target = parseRedisUrl(`unix:${socket}`);
  let child: ChildProcess | null = null;
  const args = ['--port', '0', '--unixsocket', socket, '--dir', dir, '--save', ''];
  const command = (...words: readonly string[]): string =>
    execFileSync('redis-cli', ['-s', socket, ...words], { encoding: 'utf8' }).trim();
  return {
    url: `unix:${socket}`,
    target,
    command,
    async start() {
      rmSync(socket, { force: true });
      const durable = ['--appendonly', 'yes', '--appendfsync', 'always'];
      child = spawn('redis-server', [...args, ...durable, ...more], { stdio: 'ignore' });
      if (!(await answers(target, 10_000))) throw new Error('the test’s Redis does not start');
    },
    async kill() {
      const dying = child;
      child = null;
      if (dying === null || dying.exitCode !== null) return;
      const gone = once(dying, 'exit');
      dying.kill('SIGKILL');
      await gone;
    },
    signal: (signal) => void child?.kill(signal),
    config: (name, value) => void command('config', 'set', name, value),
  };
}

export async function withRedis<T>(
  folder: string,
  use: (redis: TestRedis) => Promise<T>,
  more: readonly string[] = [],
): Promise<T> {
  const redis = testRedis(folder, more);
  await redis.start();
  try {
    return await use(redis);
  } finally {
    redis.signal('SIGCONT');
    await redis.kill();
  }
}

/** Waits for what must come true; says what did not. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 20_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
