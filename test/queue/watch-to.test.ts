/**
 * `--to`: findings of an agent reach a consumer over a real Redis that is killed, hung, full or late: none is lost, and
 * by id none comes twice.
 */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fittingEvidence } from '../../src/queue/evidence.ts';
import { readPassedOn, segmentsOf } from '../../src/queue/spool-files.ts';
import type { FindingReport, PathReport } from '../../src/report/schema.ts';
import { openRedisOutlet } from '../../src/watch-to.ts';
import type { Heartbeat, Outlet } from '../../src/watch-outlet.ts';
import { withFolder } from '../kit/temporary.ts';
import { haveRedis, testRedis, type TestRedis, until, withRedis } from './redis.ts';
import { store } from './small-consumer.ts';

const findings = (from: number, count: number): FindingReport[] =>
  Array.from({ length: count }, (_, i) => ({ id: `f_${from + i}`, update: 0 }) as FindingReport);

const beat = (at: string): Heartbeat => ({
  interfaces: [{ name: 'in0', up: true, packets: 5, drops: 1 }],
  blindSeconds: 0.5,
  findings: 3,
  at,
});

const on = (
  use: (redis: TestRedis, outlet: Outlet, spool: string) => Promise<void>,
): Promise<void> =>
  withFolder((folder) =>
    withRedis(folder, async (redis) => {
      const spool = join(folder, 'spool');
      const outlet = await openRedisOutlet({ url: redis.url, spool });
      try {
        await use(redis, outlet, spool);
      } finally {
        await outlet.close(0);
      }
    }),
  );

describe.skipIf(!haveRedis)('watch --to (needs redis-server)', () => {
  test('findings, paths, packets and heartbeats arrive as they were handed over', () =>
    on(async (redis, outlet, spool) => {
      const far = store(redis);
      outlet.findings(findings(0, 3), new Map([['f_1', Buffer.from('packets')]]));
      outlet.paths([{ id: 'p_1' } as PathReport]);
      outlet.heartbeat(beat('2026-01-01T00:00:00Z'));
      await until('all is there', () => far.seen.size === 3 && far.beats.length === 1);
      expect([...far.paths]).toEqual(['p_1']);
      expect(Buffer.from(far.evidence.get('f_1') ?? '', 'base64').toString()).toBe('packets');
      expect(far.beats[0]).toMatchObject({ v: 1, interfaces: [{ name: 'in0' }], spoolDropped: 0 });
      expect(far.beats[0]?.agent).toMatch(/^a_/);
      await until('the spool is empty again', () => bytesIn(spool) === 0);
      await far.close();
    }));

  test('while Redis is killed again and again, none is lost and none is in the spool for good', () =>
    on(async (redis, outlet) => {
      const far = store(redis);
      for (let round = 0; round < 4; round++) {
        for (let n = 0; n < 50; n++) {
          outlet.findings(findings(round * 50 + n, 1), new Map());
          if (n === 25) await redis.kill();
          await new Promise((resolve) => setTimeout(resolve, 4));
        }
        await redis.start();
      }
      const back = performance.now();
      await until('all have arrived', () => far.seen.size === 200, 10_000);
      expect(performance.now() - back).toBeLessThan(10_000);
      await far.close();
    }));

  test('while Redis hangs the hand-over does not wait, and all arrive within 10 s of its return', () =>
    on(async (redis, outlet) => {
      const far = store(redis);
      outlet.findings(findings(0, 1), new Map());
      await until('the first is there', () => far.seen.size === 1);
      redis.signal('SIGSTOP');
      const began = performance.now();
      for (let n = 1; n <= 200; n++) outlet.findings(findings(n, 1), new Map());
      expect(performance.now() - began).toBeLessThan(100);
      await new Promise((resolve) => setTimeout(resolve, 3000));
      expect(far.seen.size).toBe(1);
      redis.signal('SIGCONT');
      await until('all have arrived', () => far.seen.size === 201, 10_000);
      await far.close();
    }));

  test('a Redis that forgets what it had acknowledged is told again', () =>
    on(async (redis, outlet) => {
      outlet.findings(findings(0, 20), new Map());
      await until('Redis has it', () => redis.command('keys', '*').includes('findings'));
      // What a power cut without fsync, or a replica that lagged behind, amounts to.
      redis.command('flushall');
      const far = store(redis);
      await until('it comes again', () => far.seen.size === 20);
      await far.close();
    }));

  test('while Redis is full all wait in the spool', () =>
    on(async (redis, outlet, spool) => {
      redis.config('maxmemory', '1');
      outlet.findings(findings(0, 100), new Map());
      await until('they are on the disk', () => bytesIn(spool) > 0);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      expect(bytesIn(spool)).toBeGreaterThan(0);
      redis.config('maxmemory', '0');
      const far = store(redis);
      await until('all have arrived', () => far.seen.size === 100, 10_000);
      await far.close();
    }));

  test('a Redis that was never there gets what an earlier run found, once it is there', () =>
    withFolder(async (folder) => {
      const redis = testRedis(folder);
      const spool = join(folder, 'spool');
      const first = await openRedisOutlet({ url: redis.url, spool });
      first.findings(findings(0, 10), new Map());
      await first.close(300);
      expect(bytesIn(spool)).toBeGreaterThan(0);
      const second = await openRedisOutlet({ url: redis.url, spool });
      await redis.start();
      const far = store(redis);
      await until('all have arrived', () => far.seen.size === 10, 10_000);
      await second.close(1000);
      await far.close();
      await redis.kill();
    }));

  test('a spool that another agent uses, and a wrong URL, are refused with their codes', () =>
    on(async (redis, _, spool) => {
      const again = openRedisOutlet({ url: redis.url, spool });
      await expect(again).rejects.toMatchObject({ code: 'E_DATA_LOCKED' });
      const wrong = openRedisOutlet({ url: 'http://x', spool });
      await expect(wrong).rejects.toMatchObject({ code: 'E_REDIS_URL' });
    }));
});

/** Bytes that were not passed on yet. */
function bytesIn(spool: string): number {
  const { segment, offset } = readPassedOn(spool);
  return segmentsOf(spool)
    .map(({ number, bytes }) => (number === segment ? bytes - offset : bytes))
    .reduce((sum, bytes) => sum + bytes, 0);
}

test('of packets that are too many, the headers and the last go along', () => {
  const block = (type: number, length: number): Buffer => {
    const bytes = Buffer.alloc(length);
    bytes.writeUInt32LE(type, 0);
    bytes.writeUInt32LE(length, 4);
    bytes.writeUInt32LE(length, length - 4);
    return bytes;
  };
  const packets = Array.from({ length: 10 }, (_, i) => block(6, 100 + i * 4));
  const file = Buffer.concat([block(0x0a0d0d0a, 28), block(1, 20), ...packets]);
  expect(fittingEvidence(file, 2000)).toBe(file);
  const cut = Buffer.concat([block(0x0a0d0d0a, 28), block(1, 20), ...packets.slice(-2)]);
  expect(fittingEvidence(file, 48 + 300)).toEqual(cut);
  expect(fittingEvidence(file, 100)).toBeNull();
  expect(fittingEvidence(Buffer.alloc(500), 100)).toBeNull();
});
