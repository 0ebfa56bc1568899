/**
 * Everything that can be killed is killed with SIGKILL at seeded random moments while captures of known content go
 * through the real service: every finding is stored once, every webhook has one id, no job is lost, nothing is left over.
 *
 * Short: 2 kills a part and 20 captures; `npm run chaos` (DEADAIR_LONG=1): 20 and 200. DEADAIR_SEED repeats a run.
 */
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Database } from '../../src/report/store/database.ts';
import { reachableWith } from '../../src/webhook/guard/addresses.ts';
import { makeWebhook } from '../../src/webhook/registry.ts';
import { sealOf } from '../../src/webhook/seal.ts';
import { withFolder } from '../kit/temporary.ts';
import { haveRedis, until } from '../queue/redis.ts';
import {
  type Capture,
  captureOf,
  chance,
  killPart,
  type Receiver,
  receiver,
  upload,
} from './chaos-kit.ts';
import { type Api, apiAt, freePort } from './client.ts';
import { partFiles, type Service, startService, storeOf } from './service.ts';

const LONG = process.env['DEADAIR_LONG'] === '1';
const CAPTURES = LONG ? 200 : 20;
const KILLS = LONG ? 20 : 2;
const PARTS = ['analysis', 'worker', 'reporter', 'webhooks', 'redis-server'] as const;

interface Scene {
  readonly data: string;
  readonly flags: readonly string[];
  readonly random: () => number;
  readonly captures: readonly Capture[];
  readonly api: Api;
  readonly db: Database;
  readonly hooks: Receiver;
  service: Service;
}

const count = (db: Database, sql: string): number => db.get<{ n: number }>(sql)?.n ?? -1;

const OPEN = "SELECT count(*) AS n FROM jobs WHERE state IN ('queued', 'running')";
const openJobs = (db: Database): string =>
  JSON.stringify(db.all("SELECT * FROM jobs WHERE state IN ('queued', 'running')"));
const COMPLETED = "SELECT count(*) AS n FROM jobs WHERE state = 'completed'";

async function subscribe({ db, data, hooks }: Scene): Promise<void> {
  const registry = { db, seal: sealOf(data), reach: reachableWith(['127.0.0.1/32']) };
  await makeWebhook(registry, { url: hooks.url, events: ['finding.created'] });
}

/** Ids of the jobs. */
async function uploadAll({ captures, api, random }: Scene): Promise<string[]> {
  const jobs: string[] = [];
  for (const [n, { bytes }] of captures.entries()) {
    jobs.push(await upload(api.base, `chaos-${n}`, bytes));
    await sleep(random() * 150);
  }
  return jobs;
}

/**
 * Rounds of all parts, each in an order of its own. So between two deaths of its worker, which begin its count anew, a
 * job's analysis dies twice at most: the third time would rightly make it a dead letter.
 */
function orderOf(random: () => number): string[] {
  const round = () =>
    PARTS.map((part) => ({ part, at: random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ part }) => part);
  return Array.from({ length: KILLS }, round).flat();
}

/**
 * More captures come (known ones) when a part has nothing to do: none is open, or those that are wait for their next try
 * (one that met a Redis that was away does so for seconds).
 */
async function killParts({
  service,
  random,
  api,
  captures,
  db,
}: Scene): Promise<Map<string, number>> {
  const kills = new Map<string, number>();
  for (const [n, part] of orderOf(random).entries()) {
    for (let tries = 0; !(await killPart(service, part, random)); tries++) {
      if (tries > 60) throw new Error(`there is no ${part} to kill; open: ${openJobs(db)}`);
      const { bytes } = captures[n % captures.length] as Capture;
      if (count(db, OPEN) === 0 || tries % 10 === 9)
        await upload(api.base, `more-${n}-${tries}`, bytes);
    }
    kills.set(part, (kills.get(part) ?? 0) + 1);
  }
  return kills;
}

/** The whole tree at once; milliseconds from the restart to /readyz, and from there to the next finished job. */
async function killAll(scene: Scene): Promise<[number, number]> {
  const { db, api, captures } = scene;
  await upload(api.base, 'last', (captures[0] as Capture).bytes);
  await scene.service.killAll();
  const began = performance.now();
  scene.service = await startService(scene.data, scene.flags);
  await until('it is ready again', () => api.ready(), 30_000);
  const ready = performance.now();
  const before = count(db, COMPLETED);
  await until('work goes on', () => count(db, COMPLETED) > before || count(db, OPEN) === 0, 30_000);
  return [ready - began, performance.now() - ready];
}

/** However slow the machine: what must not be is that nothing goes on. */
const STANDSTILL_MS = 60_000;

async function untilAllOver(db: Database): Promise<void> {
  let [completed, movedAt] = [-1, performance.now()];
  while (count(db, OPEN) > 0) {
    const now = count(db, COMPLETED);
    if (now > completed) [completed, movedAt] = [now, performance.now()];
    if (performance.now() - movedAt > STANDSTILL_MS)
      throw new Error(`no job ends any more; open: ${openJobs(db)}`);
    await sleep(50);
  }
}

async function expectAllThere({ db, captures, hooks, data }: Scene, jobs: string[]): Promise<void> {
  const rows = db.all<{ id: string; state: string; problem: string | null }>(
    'SELECT id, state, problem FROM jobs',
  );
  expect(rows.filter(({ state }) => state !== 'completed')).toEqual([]);
  const known = new Set(rows.map(({ id }) => id));
  expect(jobs.filter((id) => !known.has(id))).toEqual([]);
  const expected = captures.map(({ finding }) => finding).sort();
  const stored = db.all<{ id: string }>('SELECT id FROM findings ORDER BY id');
  expect(stored.map(({ id }) => id)).toEqual(expected);
  const created = db.all<{ subject: string }>(
    "SELECT subject FROM events WHERE type = 'finding.created' ORDER BY subject",
  );
  expect(created.map(({ subject }) => subject)).toEqual(expected);
  await until('every webhook came', () => hooks.ids.size === CAPTURES, 60_000);
  expect([...hooks.ids].filter(([, ids]) => ids.size !== 1)).toEqual([]);
  expect(partFiles(data)).toEqual([]);
}

async function setTheScene(folder: string, seed: number): Promise<Scene> {
  const data = join(folder, 'data');
  const listen = `127.0.0.1:${await freePort()}`;
  const flags = ['--listen', listen, '--webhook-allow', '127.0.0.1/32'];
  const captures = await Promise.all(Array.from({ length: CAPTURES }, (_, n) => captureOf(n)));
  const [hooks, service] = [await receiver(), await startService(data, flags)];
  const api = apiAt(`http://${listen}`);
  const db = storeOf(data);
  return { data, flags, random: chance(seed), captures, api, db, hooks, service };
}

async function play(scene: Scene): Promise<void> {
  await until('it is ready', () => scene.api.ready(), 30_000);
  await subscribe(scene);
  const uploads = uploadAll(scene);
  const kills = await killParts(scene);
  expect(PARTS.map((part) => kills.get(part))).toEqual(PARTS.map(() => KILLS));
  const jobs = await uploads;
  const [readyMs, workMs] = await killAll(scene);
  await untilAllOver(scene.db);
  await expectAllThere(scene, jobs);
  expect(readyMs).toBeLessThan(10_000);
  expect(workMs).toBeLessThan(5000);
  const { milliseconds } = await scene.service.stop();
  expect(milliseconds).toBeLessThan(5000);
  if (LONG) console.log(`ready after ${readyMs | 0} ms, work after ${workMs | 0} ms more`);
}

describe.skipIf(!haveRedis)('crash safety (needs redis-server)', () => {
  const seed = Number(process.env['DEADAIR_SEED'] ?? (LONG ? randomInt(2 ** 31) : 20_261_123));
  test(
    `whatever is killed, every finding is stored once, every webhook has one id, no job is lost (seed ${seed})`,
    () =>
      withFolder(async (folder) => {
        const scene = await setTheScene(folder, seed);
        try {
          await play(scene);
        } finally {
          scene.db.close();
          scene.hooks.close();
          await scene.service.killAll();
        }
      }),
    LONG ? 1_200_000 : 240_000,
  );
});
