/**
 * Redis is away, hangs, is full or was never there: captures are taken all the same, the service waits quietly, and goes
 * on without a restart.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { labFile } from '../kit/lab.ts';
import { withFolder } from '../kit/temporary.ts';
import { haveRedis, testRedis, type TestRedis, until } from '../queue/redis.ts';
import { type Api, apiAt, freePort } from './client.ts';
import { idling, QUIET } from './idling.ts';
import { type Service, startService } from './service.ts';

const LAB = readFileSync(labFile('dnat', 'inside.pcap'));
/** Seconds that Redis stays away. */
const AWAY = process.env['DEADAIR_LONG'] === '1' ? 30 : 3;

interface Scene {
  readonly api: Api;
  readonly service: Service;
  readonly redis: TestRedis;
}

const on = (startRedis: boolean, use: (scene: Scene) => Promise<void>): Promise<void> =>
  withFolder(async (folder) => {
    const redis = testRedis(folder);
    if (startRedis) await redis.start();
    const listen = `127.0.0.1:${await freePort()}`;
    const api = apiAt(`http://${listen}`);
    const flags = ['--listen', listen, '--redis', redis.url];
    const service = await startService(join(folder, 'data'), flags);
    try {
      if (startRedis) await until('it is ready', () => api.ready(), 30_000);
      await use({ api, service, redis });
    } finally {
      await service.killAll();
      redis.signal('SIGCONT');
      await redis.kill();
    }
  });

const completed = async (api: Api, id: string): Promise<void> => {
  expect(await api.over(id, 30_000)).toMatchObject({ state: 'completed' });
};

describe.skipIf(!haveRedis)('without Redis (needs redis-server)', () => {
  test('that was never there: captures are taken, /readyz says no, and all goes on when it comes', () =>
    on(false, async ({ api, service, redis }) => {
      const { id } = await api.upload(LAB, '?shortest=1s');
      expect(await api.ready()).toBe(false);
      await sleep(2000);
      const { cpu, lines } = await idling(service, 3);
      expect(cpu).toBeLessThan(QUIET.cpu);
      expect(lines).toBeLessThan(QUIET.lines);
      await redis.start();
      await until('it is ready', () => api.ready(), 10_000);
      await completed(api, id);
    }));

  test('that is killed and comes back: nothing is lost, and it waits quietly meanwhile', () =>
    on(true, async ({ api, service, redis }) => {
      const { id: before } = await api.upload(LAB, '?shortest=1s');
      await redis.kill();
      const { id: during } = await api.upload(LAB, '?shortest=2s');
      await sleep(1000);
      const { cpu, lines } = await idling(service, AWAY);
      expect(cpu).toBeLessThan(QUIET.cpu);
      expect(lines).toBeLessThan(QUIET.lines);
      await redis.start();
      await until('it is ready', () => api.ready(), 10_000);
      await completed(api, before);
      await completed(api, during);
    }));

  test('that hangs: captures are taken within seconds, and work goes on when it wakes', () =>
    on(true, async ({ api, service, redis }) => {
      redis.signal('SIGSTOP');
      const began = performance.now();
      const { id } = await api.upload(LAB, '?shortest=1s');
      expect(performance.now() - began).toBeLessThan(6000);
      const { cpu, lines } = await idling(service, AWAY);
      expect(cpu).toBeLessThan(QUIET.cpu);
      expect(lines).toBeLessThan(QUIET.lines);
      redis.signal('SIGCONT');
      await completed(api, id);
    }));

  test('that is full: captures are taken, it waits quietly, and work goes on when there is room', () =>
    on(true, async ({ api, service, redis }) => {
      redis.config('maxmemory', '1');
      const { id } = await api.upload(LAB, '?shortest=1s');
      await sleep(1000);
      const { cpu, lines } = await idling(service, AWAY);
      expect(cpu).toBeLessThan(QUIET.cpu);
      expect(lines).toBeLessThan(QUIET.lines);
      redis.config('maxmemory', '0');
      await completed(api, id);
    }));
});
