/** The Redis of our own: started, adopted, restarted, ended with its parent, refused. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { NO_LOG } from '../../src/base/log.ts';
import { identify, isRunning, type ProcessIdentity } from '../../src/base/process-identity.ts';
import { answers } from '../../src/queue/connect.ts';
import { findServer, openPrivateRedis } from '../../src/queue/private-redis.ts';
import { readNote } from '../../src/queue/private-redis-place.ts';
import { Producer } from '../../src/queue/producer.ts';
import type { RedisTarget } from '../../src/queue/redis-url.ts';
import { withFolder } from '../kit/temporary.ts';
import { haveRedis, until } from './redis.ts';

const add = async (target: RedisTarget, job: string): Promise<void> => {
  const producer = new Producer(target);
  await producer.add('captures', [{ id: job, payload: { v: 1, job } }]);
  await producer.close();
};

const waiting = async (target: RedisTarget): Promise<number> => {
  const producer = new Producer(target);
  const { captures } = await producer.depths();
  await producer.close();
  return captures.waiting;
};

/** A process that opens the private Redis of a folder, says its pid, and waits to be killed. */
async function parentOf(folder: string): Promise<{ kill: () => void; redis: ProcessIdentity }> {
  const child = spawn(process.execPath, ['test/queue/redis-parent.js', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = await new Promise<Buffer>((resolve) => child.stdout?.once('data', resolve));
  const redis = identify(Number(said.toString()));
  if (redis === null) throw new Error('its Redis is not there');
  return { kill: () => void child.kill('SIGKILL'), redis };
}

describe.skipIf(!haveRedis)('the private Redis (needs redis-server)', () => {
  test('it is up within a second, keeps what it was given over a stop, and leaves nothing running', () =>
    withFolder(async (folder) => {
      const began = performance.now();
      const first = await openPrivateRedis(folder, NO_LOG);
      expect(performance.now() - began).toBeLessThan(1000);
      await add(first.target, 'a');
      const running = identify(first.pid() ?? 0);
      await first.stop();
      expect(running !== null && isRunning(running)).toBe(false);
      const second = await openPrivateRedis(folder, NO_LOG);
      expect(await waiting(second.target)).toBe(1);
      await second.stop();
    }));

  test('a second service on the same folder is refused, with the process that holds it', () =>
    withFolder(async (folder) => {
      const first = await openPrivateRedis(folder, NO_LOG);
      await expect(openPrivateRedis(folder, NO_LOG)).rejects.toMatchObject({
        code: 'E_DATA_LOCKED',
        message: expect.stringContaining(String(process.pid)) as string,
      });
      await first.stop();
    }));

  test('killed, it is back with what it had within a second', () =>
    withFolder(async (folder) => {
      const redis = await openPrivateRedis(folder, NO_LOG);
      await add(redis.target, 'a');
      const old = redis.pid();
      // appendfsync everysec: what a kill may cost is in the kernel's hands by then, not in the process.
      process.kill(old ?? 0, 'SIGKILL');
      await until('another runs', () => redis.pid() !== null && redis.pid() !== old);
      expect(await answers(redis.target, 3000)).toBe(true);
      expect(await waiting(redis.target)).toBe(1);
      await redis.stop();
    }));

  test('it dies with a parent that is killed, and the next service starts on its file', () =>
    withFolder(async (folder) => {
      const { kill, redis } = await parentOf(folder);
      kill();
      await until('it is gone', () => !isRunning(redis));
      const next = await openPrivateRedis(folder, NO_LOG);
      expect(await answers(next.target, 1000)).toBe(true);
      await next.stop();
    }));

  test('a survivor of an earlier run is adopted by its process id and start time', () =>
    withFolder(async (folder) => {
      const dir = join(folder, 'redis');
      mkdirSync(dir);
      const socket = join(dir, 'redis.sock');
      const args = ['--port', '0', '--unixsocket', socket, '--dir', dir, '--appendonly', 'yes'];
      const survivor = spawn('redis-server', args, { stdio: 'ignore' });
      const identity = identify(survivor.pid ?? 0);
      writeFileSync(join(dir, 'redis.json'), JSON.stringify({ process: identity, socket }));
      const adopted = await openPrivateRedis(folder, NO_LOG);
      expect(adopted.pid()).toBe(survivor.pid);
      survivor.kill('SIGKILL');
      await until('its successor runs', () => ![null, survivor.pid].includes(adopted.pid()));
      await adopted.stop();
    }));

  test('a survivor that hangs is replaced, because two would write one file', () =>
    withFolder(async (folder) => {
      const dir = join(folder, 'redis');
      mkdirSync(dir);
      const socket = join(dir, 'redis.sock');
      const args = ['--port', '0', '--unixsocket', socket, '--dir', dir, '--appendonly', 'yes'];
      const survivor = spawn('redis-server', args, { stdio: 'ignore' });
      const identity = identify(survivor.pid ?? 0) as ProcessIdentity;
      writeFileSync(join(dir, 'redis.json'), JSON.stringify({ process: identity, socket }));
      survivor.kill('SIGSTOP');
      const opened = await openPrivateRedis(folder, NO_LOG);
      expect(isRunning(identity)).toBe(false);
      expect(await answers(opened.target, 1000)).toBe(true);
      await opened.stop();
    }));

  test('an old note whose process id is somebody else’s by now harms nobody', () =>
    withFolder(async (folder) => {
      const dir = join(folder, 'redis');
      mkdirSync(dir);
      const bystander = spawn('sleep', ['60'], { stdio: 'ignore' });
      const note = { process: { pid: bystander.pid, startedAt: '1' }, socket: join(dir, 'x.sock') };
      writeFileSync(join(dir, 'redis.json'), JSON.stringify(note));
      const opened = await openPrivateRedis(folder, NO_LOG);
      await opened.stop();
      expect(bystander.exitCode).toBeNull();
      expect(bystander.signalCode).toBeNull();
      bystander.kill('SIGKILL');
    }));

  test('in a folder whose path is too long for a socket it finds a shorter one', () =>
    withFolder(async (folder) => {
      const deep = join(folder, 'd'.repeat(60), 'e'.repeat(60));
      mkdirSync(deep, { recursive: true });
      const opened = await openPrivateRedis(deep, NO_LOG);
      const note = readNote(join(deep, 'redis'));
      expect(Buffer.byteLength(note?.socket ?? '')).toBeLessThan(108);
      expect(existsSync(note?.socket ?? '')).toBe(true);
      await opened.stop();
    }));
});

test('without any server the error names the one package to install', () => {
  expect(() => findServer(['no-such-server-of-deadair'])).toThrow(
    expect.objectContaining({
      code: 'E_REDIS_MISSING',
      exit: 5,
      hint: expect.stringContaining('apt-get install redis-server') as string,
    }),
  );
});
