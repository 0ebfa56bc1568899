/** The queues against a real Redis: that goes away, hangs, is full, and comes back. */
import { spawn } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { NO_LOG, type Log } from '../../src/base/log.ts';
import { consume } from '../../src/queue/consumer.ts';
import type { CaptureTask } from '../../src/queue/payload.ts';
import { Producer } from '../../src/queue/producer.ts';
import { withFolder } from '../kit/temporary.ts';
import { haveRedis, type TestRedis, until, withRedis } from './redis.ts';

const task = (job: string): { id: string; payload: CaptureTask } => ({
  id: job,
  payload: { v: 1, job },
});

interface Taken {
  readonly jobs: string[];
  readonly close: () => Promise<void>;
}

function take(
  redis: TestRedis,
  work: (job: string, attempt: number) => Promise<void> = async () => {},
  log: Log = NO_LOG,
): Taken {
  const jobs: string[] = [];
  const consumer = consume({
    target: redis.target,
    queue: 'captures',
    concurrency: 2,
    log,
    handle: async ({ job }, { attempt }) => {
      await work(job, attempt);
      jobs.push(job);
    },
  });
  return { jobs, close: () => consumer.close(1000) };
}

/** A log that keeps its lines. */
function keptLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (_: object, message: string) => void lines.push(message);
  return { lines, debug: keep, info: keep, warn: keep, error: keep };
}

describe.skipIf(!haveRedis)('queues (needs redis-server)', () => {
  const on = (use: (redis: TestRedis, producer: Producer) => Promise<void>) =>
    withFolder((folder) =>
      withRedis(folder, async (redis) => {
        const producer = new Producer(redis.target);
        try {
          await use(redis, producer);
        } finally {
          await producer.close();
        }
      }),
    );

  test('what is added is taken once, and added again under its id while it waits changes nothing', () =>
    on(async (redis, producer) => {
      await producer.add('captures', [task('a'), task('b')]);
      await producer.add('captures', [task('a')]);
      expect((await producer.depths()).captures).toMatchObject({ waiting: 2, failed: 0 });
      const taken = take(redis);
      await until('both are taken', () => taken.jobs.length === 2);
      await until('none is left', async () => (await producer.depths()).captures.active === 0);
      expect(taken.jobs.sort()).toEqual(['a', 'b']);
      expect(await producer.state('captures', 'a')).toBe('unknown');
      await taken.close();
    }));

  test('a payload of another version is refused by who sends and made a dead letter by who takes', () =>
    on(async (redis, producer) => {
      const wrong = { id: 'x', payload: { v: 2, job: 'x' } } as unknown as ReturnType<typeof task>;
      await expect(producer.add('captures', [wrong])).rejects.toMatchObject({ code: 'E_PAYLOAD' });
      await producer.queues()[0]?.add('captures', { v: 2, job: 'x' }, { jobId: 'x' });
      const taken = take(redis);
      await until('it is dead', async () => (await producer.depths()).captures.failed === 1);
      const [letter] = await producer.dead('captures', 0, 10);
      expect(letter).toMatchObject({ queue: 'captures', id: 'x', payload: { v: 2, job: 'x' } });
      expect(letter?.reason).toContain('E_PAYLOAD');
      expect(taken.jobs).toEqual([]);
      await taken.close();
    }));

  test('what throws is a dead letter with its reason, and goes on when it is re-driven', () =>
    on(async (redis, producer) => {
      let broken = true;
      const taken = take(redis, async () => {
        if (broken) throw new Error('the disk is gone');
      });
      await producer.add('captures', [task('a')]);
      await until('it is dead', async () => (await producer.depths()).captures.failed === 1);
      expect((await producer.dead('captures', 0, 10))[0]?.reason).toBe('the disk is gone');
      broken = false;
      expect(await producer.redrive('captures', 'nobody')).toBe(false);
      expect(await producer.redrive('captures', 'a')).toBe(true);
      await until('it is taken', () => taken.jobs.length === 1);
      expect(await producer.dead('captures', 0, 10)).toEqual([]);
      await taken.close();
    }));

  test('a producer gives up within four seconds while Redis hangs, and is back when Redis is', () =>
    on(async (redis, producer) => {
      await producer.add('captures', [task('a')]);
      redis.signal('SIGSTOP');
      const began = performance.now();
      await expect(producer.add('captures', [task('b')])).rejects.toMatchObject({
        code: 'E_REDIS_AWAY',
      });
      expect(performance.now() - began).toBeLessThan(4000);
      redis.signal('SIGCONT');
      await producer.add('captures', [task('c')]);
      expect((await producer.depths()).captures.waiting).toBeGreaterThanOrEqual(2);
    }));

  test('jobs that were added stay when Redis is killed, and the same consumer goes on within 5 s', () =>
    on(async (redis, producer) => {
      const taken = take(redis);
      await producer.add('captures', [task('a')]);
      await until('the first is taken', () => taken.jobs.length === 1);
      await redis.kill();
      await expect(producer.add('captures', [task('b')])).rejects.toMatchObject({
        code: 'E_REDIS_AWAY',
      });
      await redis.start();
      const back = performance.now();
      await producer.add('captures', [task('c')]);
      await until('it goes on', () => taken.jobs.includes('c'));
      expect(performance.now() - back).toBeLessThan(5000);
      await taken.close();
    }));

  test('while Redis is full a consumer waits quietly, and goes on when there is room', () =>
    on(async (redis, producer) => {
      const log = keptLog();
      const taken = take(redis, async () => {}, log);
      await producer.add('captures', [task('a')]);
      await until('the first is taken', () => taken.jobs.length === 1);
      redis.config('maxmemory', '1');
      await expect(producer.add('captures', [task('b')])).rejects.toMatchObject({
        code: 'E_REDIS_AWAY',
      });
      const cpu = process.cpuUsage();
      await new Promise((resolve) => setTimeout(resolve, 3000));
      const { user, system } = process.cpuUsage(cpu);
      expect((user + system) / 3_000_000).toBeLessThan(0.15);
      expect(log.lines.length).toBeLessThan(5);
      redis.config('maxmemory', '0');
      await producer.add('captures', [task('c')]);
      await until('it goes on', () => taken.jobs.includes('c'));
      await taken.close();
    }));

  test('a job whose worker is killed goes on with another within 10 s', () =>
    on(async (redis, producer) => {
      const child = spawn(process.execPath, ['test/queue/holding-worker.js', redis.url], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await producer.add('captures', [task('a')]);
      await new Promise((resolve) => child.stdout?.once('data', resolve));
      child.kill('SIGKILL');
      const killed = performance.now();
      const taken = take(redis);
      await until('it goes on', () => taken.jobs.length === 1);
      expect(performance.now() - killed).toBeLessThan(10_000);
      await taken.close();
    }));

  test('a consumer that closes puts its job back for the next one', () =>
    on(async (redis, producer) => {
      let began = (): void => {};
      const working = new Promise<void>((resolve) => (began = resolve));
      const consumer = consume({
        target: redis.target,
        queue: 'captures',
        concurrency: 1,
        log: NO_LOG,
        handle: (_, { signal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason as Error));
            began();
          }),
      });
      await producer.add('captures', [task('a')]);
      await working;
      await consumer.close(100);
      expect((await producer.depths()).captures.failed).toBe(0);
      const taken = take(redis);
      await until('the next takes it', () => taken.jobs.length === 1, 3000);
      await taken.close();
    }));
});
