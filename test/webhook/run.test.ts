/** The webhooks process on a real Redis, that goes away, and killed in the middle of its work. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Webhook } from 'standardwebhooks';
import { beforeAll, describe, expect, test } from 'vitest';
import { NO_LOG } from '../../src/base/log.ts';
import { Producer } from '../../src/queue/producer.ts';
import type { FindingReport } from '../../src/report/schema.ts';
import { type Database, openDatabase } from '../../src/report/store/database.ts';
import { countDeliveries, deliveryOf } from '../../src/report/store/deliveries.ts';
import { appendEvent, type Happening } from '../../src/report/store/events.ts';
import { reachableWith } from '../../src/webhook/guard/addresses.ts';
import { NARROW } from '../../src/webhook/lanes.ts';
import { makeWebhook } from '../../src/webhook/registry.ts';
import { CONCURRENCY, runWebhooks } from '../../src/webhook/run.ts';
import { sealOf } from '../../src/webhook/seal.ts';
import { withFolder } from '../kit/temporary.ts';
import { haveRedis, type TestRedis, testRedis, until } from '../queue/redis.ts';
import { LOOPBACK } from './bench.ts';
import { type Endpoint, withEndpoint } from './endpoint.ts';
import { created, labKills, manyOf } from './kills.ts';

let finding: FindingReport;
beforeAll(async () => {
  finding = (await labKills()).findings[0] as FindingReport;
});

interface Stage {
  readonly db: Database;
  readonly folder: string;
  readonly redis: TestRedis;
  subscribe(url: string): ReturnType<typeof makeWebhook>;
  happen(...happenings: readonly Happening[]): void;
  /** Runs the webhooks of this folder in this process while `use` does something. */
  running<T>(use: () => Promise<T>): Promise<T>;
}

async function runWhile<T>(folder: string, redis: TestRedis, use: () => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const options = { data: folder, redis: redis.target, allow: LOOPBACK, version: '0', log: NO_LOG };
  const running = runWebhooks({ ...options, signal: stop.signal });
  try {
    return await use();
  } finally {
    stop.abort();
    await running;
  }
}

const onStage = (use: (stage: Stage) => Promise<void>): Promise<void> =>
  withFolder(async (folder) => {
    const db = openDatabase(folder);
    const redis = testRedis(folder);
    const registry = { db, seal: sealOf(folder), reach: reachableWith(LOOPBACK) };
    try {
      await use({
        db,
        folder,
        redis,
        subscribe: (url) => makeWebhook(registry, { url, events: ['finding.created'] }),
        happen: (...all) =>
          db.transaction(() => {
            for (const each of all) appendEvent(db, each, Date.now());
          }),
        running: (inside) => runWhile(folder, redis, inside),
      });
    } finally {
      redis.signal('SIGCONT');
      await redis.kill();
      db.close();
    }
  });

const findingOf = (body: string): string => (JSON.parse(body) as { data: { id: string } }).data.id;

/** webhook-ids that each finding came under. */
function idsByFinding({ received }: Endpoint): Map<string, Set<string>> {
  const ids = new Map<string, Set<string>>();
  for (const { body, headers } of received) {
    const known = ids.get(findingOf(body)) ?? new Set();
    ids.set(findingOf(body), known.add(String(headers['webhook-id'])));
  }
  return ids;
}

const allDelivered = (db: Database, count: number): boolean =>
  countDeliveries(db).every(({ state, n }) => state === 'delivered' && n === count);

const PROCESS = fileURLToPath(new URL('sending-process.js', import.meta.url));

const sendingProcess = ({ folder, redis }: Stage): ChildProcess =>
  spawn(process.execPath, [PROCESS, folder, redis.url], { stdio: ['ignore', 'ignore', 'inherit'] });

async function killed(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

describe.skipIf(!haveRedis)('the webhooks process (needs redis-server)', () => {
  test('a finding is at the endpoint, signed, within two seconds', () =>
    onStage((stage) =>
      withEndpoint(async (endpoint) => {
        await stage.redis.start();
        const { secret } = await stage.subscribe(endpoint.url);
        await stage.running(async () => {
          stage.happen(created(finding));
          await endpoint.until(1);
          const first = Date.now();
          stage.happen(...manyOf(finding, 1));
          await endpoint.until(2);
          expect(Date.now() - first).toBeLessThan(2000);
        });
        for (const { body, headers } of endpoint.received) {
          new Webhook(secret).verify(body, headers as Record<string, string>);
        }
        expect(endpoint.received).toHaveLength(2);
      }),
    ));

  test('while Redis was never there nothing is lost; when it comes everything goes out once', () =>
    onStage((stage) =>
      withEndpoint(async (endpoint) => {
        await stage.subscribe(endpoint.url);
        stage.happen(...manyOf(finding, 20));
        await stage.running(async () => {
          await until(
            'the deliveries stand in the store',
            () => countDeliveries(stage.db)[0]?.n === 20,
          );
          expect(endpoint.received).toHaveLength(0);
          await stage.redis.start();
          await until('all are delivered', () => allDelivered(stage.db, 20));
        });
        expect(idsByFinding(endpoint).size).toBe(20);
      }),
    ));

  test('Redis killed in between: every finding arrives, each under one id', () =>
    onStage((stage) =>
      withEndpoint(async (endpoint) => {
        await stage.redis.start();
        await stage.subscribe(endpoint.url);
        endpoint.answer = (response) => setTimeout(() => response.writeHead(204).end(), 20);
        await stage.running(async () => {
          stage.happen(...manyOf(finding, 300));
          await endpoint.until(50);
          await stage.redis.kill();
          await stage.redis.start();
          await until('all are delivered', () => allDelivered(stage.db, 300));
        });
        const ids = idsByFinding(endpoint);
        expect(ids.size).toBe(300);
        expect([...ids.values()].every(({ size }) => size === 1)).toBe(true);
      }),
    ));

  test('the process killed in between and started again: every finding arrives, each under one id', () =>
    onStage((stage) =>
      withEndpoint(async (endpoint) => {
        await stage.redis.start();
        await stage.subscribe(endpoint.url);
        endpoint.answer = (response) => setTimeout(() => response.writeHead(204).end(), 20);
        stage.happen(...manyOf(finding, 300));
        const first = sendingProcess(stage);
        await endpoint.until(100);
        await killed(first);
        const before = endpoint.received.length;
        expect(before).toBeLessThan(300);
        const second = sendingProcess(stage);
        await until('all are delivered', () => allDelivered(stage.db, 300));
        await killed(second);
        const ids = idsByFinding(endpoint);
        expect(ids.size).toBe(300);
        expect([...ids.values()].every(({ size }) => size === 1)).toBe(true);
      }),
    ));

  test('an endpoint that hangs does not hold up another one', () =>
    onStage((stage) =>
      withEndpoint((hanging) =>
        withEndpoint(async (endpoint) => {
          await stage.redis.start();
          hanging.answer = () => {};
          await stage.subscribe(hanging.url);
          await stage.running(async () => {
            // Every place of the sender, if one subscription could have them all.
            stage.happen(...manyOf(finding, CONCURRENCY + 1));
            // As many as a lane that is known to be slow takes, so it comes to this however slow we are.
            await hanging.until(NARROW);
            await stage.subscribe(endpoint.url);
            stage.happen(created(finding));
            await endpoint.until(1);
            // A request that hangs ends after 15 s: nobody has waited for the end of one.
            expect(stage.db.get('SELECT count(*) AS n FROM delivery_attempts')).toEqual({ n: 0 });
          });
        }),
      ),
    ));

  test('Retry-After is waited for, and then it is delivered', () =>
    onStage((stage) =>
      withEndpoint(async (endpoint) => {
        await stage.redis.start();
        await stage.subscribe(endpoint.url);
        endpoint.answer = (response) => {
          const busy = endpoint.received.length === 1;
          response.writeHead(busy ? 429 : 204, busy ? { 'retry-after': '1' } : {}).end();
        };
        await stage.running(async () => {
          stage.happen(created(finding));
          await endpoint.until(2);
          await until('it is delivered', () => allDelivered(stage.db, 1));
        });
        const [first, second] = endpoint.received;
        expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(990);
        expect(deliveryOf(stage.db, String(first?.headers['webhook-id']))).toMatchObject({
          tries: 1,
        });
      }),
    ));

  test('what is given up is a dead letter with its reason, and goes out when it is put back', () =>
    onStage((stage) =>
      withEndpoint(async (endpoint) => {
        await stage.redis.start();
        await stage.subscribe(endpoint.url);
        endpoint.answer = (response) => void response.writeHead(403).end();
        const producer = new Producer(stage.redis.target);
        await stage.running(async () => {
          stage.happen(created(finding));
          await endpoint.until(1);
          const dead = async () => (await producer.dead('webhooks', 0, 10))[0];
          await until('there is a dead letter', async () => (await dead()) !== undefined);
          const letter = await dead();
          expect(letter?.reason).toContain('answered 403');
          expect(JSON.stringify(letter)).not.toContain(endpoint.url);
          endpoint.answer = (response) => void response.writeHead(204).end();
          expect(await producer.redrive('webhooks', letter?.id ?? '')).toBe(true);
          await until('it is delivered', () => allDelivered(stage.db, 1));
        });
        await producer.close();
        expect(idsByFinding(endpoint).get(finding.id)?.size).toBe(1);
      }),
    ));
});
