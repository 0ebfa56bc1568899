/**
 * Everything that can be killed is killed with SIGKILL at seeded random moments while captures of known content go
 * through the real service: every finding is stored once, every webhook has one id, no job is lost, nothing is left over.
 *
 * Short: 2 kills a part and 20 captures; `npm run chaos` (DEADAIR_LONG=1): 20 and 200. DEADAIR_SEED repeats a run.
 */
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Database } from '../../src/report/store/database.ts';
import { reachableWith } from '../../src/webhook/guard/addresses.ts';
import { makeWebhook } from '../../src/webhook/registry.ts';
import { sealOf } from '../../src/webhook/seal.ts';
import { analysisOf, pictureFile } from '../kit/analyse.ts';
import { opened } from '../kit/scenes.ts';
import { withFolder } from '../kit/temporary.ts';
import { haveRedis, until } from '../queue/redis.ts';
import { partFiles, type Service, startService, storeOf } from './service.ts';

const LONG = process.env['DEADAIR_LONG'] === '1';
const CAPTURES = LONG ? 200 : 20;
const KILLS = LONG ? 20 : 2;
const PARTS = ['analysis', 'worker', 'reporter', 'webhooks', 'redis-server'] as const;

/** mulberry32: small, seeded, good enough to pick moments. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One connection, cut by a box after 350 s: one finding whose id nobody else has. */
const pictureOf = (n: number): string => {
  const client = `client:${42_000 + n}`;
  return `${opened(0, client)}
    350.0501  ${client} > server  PSH ACK  20 bytes
    350.0511  server > ${client}  stateless  ttl 63`;
};

interface Capture {
  readonly bytes: Buffer;
  readonly finding: string;
}

async function captureOf(n: number): Promise<Capture> {
  const { findings } = await analysisOf(pictureOf(n));
  const [only] = findings;
  if (only === undefined || findings.length > 1) throw new Error('one finding a capture');
  return { bytes: pictureFile(pictureOf(n)), finding: only.id };
}

interface Receiver {
  readonly url: string;
  /** webhook-ids by finding. */
  readonly ids: Map<string, Set<string>>;
  close(): void;
}

async function receiver(): Promise<Receiver> {
  const ids = new Map<string, Set<string>>();
  const server: Server = createServer((request, response) => {
    let text = '';
    request.on('data', (part: Buffer) => (text += part.toString()));
    request.on('end', () => {
      const { type, data } = JSON.parse(text) as { type: string; data: { id: string } };
      const id = String(request.headers['webhook-id']);
      if (type === 'finding.created') ids.set(data.id, (ids.get(data.id) ?? new Set()).add(id));
      response.statusCode = 204;
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, ids, close: () => server.close() };
}

/** As a client that means it: again under the same key until it is answered. */
async function upload(base: () => string, n: number, bytes: Buffer): Promise<string> {
  for (;;) {
    try {
      const answer = await fetch(`${base()}/api/v1/captures`, {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream', 'idempotency-key': `chaos-${n}` },
        body: new Uint8Array(bytes),
        signal: AbortSignal.timeout(10_000),
      });
      if (answer.status === 202) return ((await answer.json()) as { id: string }).id;
      throw new Error(`answered ${answer.status}`);
    } catch {
      await sleep(200);
    }
  }
}

const isReady = async (base: string): Promise<boolean> => {
  const answer = await fetch(`${base}/readyz`, { signal: AbortSignal.timeout(3000) }).catch(
    () => null,
  );
  return answer?.status === 200;
};

async function killPart(
  service: () => Service,
  part: string,
  random: () => number,
): Promise<boolean> {
  await sleep(50 + random() * 700);
  const pid = service().parts().get(part);
  if (pid === undefined) return false;
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}

const count = (db: Database, sql: string): number => db.get<{ n: number }>(sql)?.n ?? -1;

interface Scene {
  readonly data: string;
  readonly flags: readonly string[];
  readonly random: () => number;
  service: Service;
}

/** The whole tree at once; milliseconds from the restart to /readyz, and from there to the next finished job. */
async function killAll(scene: Scene, base: string, db: Database): Promise<[number, number]> {
  const finished = () => count(db, "SELECT count(*) AS n FROM jobs WHERE state = 'completed'");
  const waiting = () =>
    count(db, "SELECT count(*) AS n FROM jobs WHERE state IN ('queued', 'running')");
  await scene.service.killAll();
  const began = performance.now();
  scene.service = await startService(scene.data, scene.flags);
  await until('it is ready again', () => isReady(base), 30_000);
  const ready = performance.now();
  const before = finished();
  await until('work goes on', () => finished() > before || waiting() === 0, 30_000);
  return [ready - began, performance.now() - ready];
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe.skipIf(!haveRedis)('crash safety (needs redis-server)', () => {
  test(
    'whatever is killed, every finding is stored once, every webhook has one id, no job is lost',
    () =>
      withFolder(async (folder) => {
        const seed = Number(
          process.env['DEADAIR_SEED'] ?? (LONG ? randomInt(2 ** 31) : 20_261_123),
        );
        const random = chance(seed);
        const data = join(folder, 'data');
        const captures = await Promise.all(
          Array.from({ length: CAPTURES }, (_, n) => captureOf(n)),
        );
        const listen = `127.0.0.1:${await freePort()}`;
        const flags = ['--listen', listen, '--webhook-allow', '127.0.0.1/32'];
        const base = `http://${listen}`;
        const hooks = await receiver();
        const scene: Scene = { data, flags, random, service: await startService(data, flags) };
        const db = storeOf(data);
        try {
          await until('it is ready', () => isReady(base), 30_000);
          const registry = { db, seal: sealOf(data), reach: reachableWith(['127.0.0.1/32']) };
          await makeWebhook(registry, { url: hooks.url, events: ['finding.created'] });

          const jobs = new Map<string, string>();
          let uploading = true;
          const uploads = (async () => {
            for (const [n, { bytes, finding }] of captures.entries()) {
              jobs.set(await upload(() => base, n, bytes), finding);
              await sleep(random() * 150);
            }
            uploading = false;
          })();
          const kills = new Map<string, number>();
          const left = PARTS.flatMap((part) => Array.from({ length: KILLS }, () => part));
          left.sort(() => random() - 0.5);
          for (const part of left) {
            const deadline = performance.now() + 15_000;
            while (!(await killPart(() => scene.service, part, random))) {
              // An analysis is there only while there is work.
              if (performance.now() > deadline) {
                const bytes = captures[0]?.bytes ?? Buffer.alloc(0);
                if (!uploading) await upload(() => base, 1000 + kills.size, bytes);
                break;
              }
            }
            kills.set(part, (kills.get(part) ?? 0) + 1);
          }
          const [readyMs, workMs] = await killAll(scene, base, db);
          await uploads;
          const open = "SELECT count(*) AS n FROM jobs WHERE state IN ('queued', 'running')";
          await until(`all jobs are over (seed ${seed})`, () => count(db, open) === 0, 120_000);

          const states = db.all<{ state: string; id: string; problem: string | null }>(
            'SELECT id, state, problem FROM jobs',
          );
          expect({ seed, odd: states.filter(({ state }) => state !== 'completed') }).toEqual({
            seed,
            odd: [],
          });
          for (const id of jobs.keys()) expect(states.map((row) => row.id)).toContain(id);
          const expected = captures.map(({ finding }) => finding).sort();
          const rows = db.all<{ id: string }>('SELECT id FROM findings ORDER BY id');
          expect(rows.map(({ id }) => id)).toEqual(expected);
          const created = db.all<{ subject: string }>(
            "SELECT subject FROM events WHERE type = 'finding.created' ORDER BY subject",
          );
          expect(created.map(({ subject }) => subject)).toEqual(expected);
          await until('every webhook came', () => hooks.ids.size === CAPTURES, 60_000);
          expect([...hooks.ids].filter(([, ids]) => ids.size !== 1)).toEqual([]);
          expect(partFiles(data)).toEqual([]);
          expect(readyMs).toBeLessThan(10_000);
          expect(workMs).toBeLessThan(5000);
          const { milliseconds } = await scene.service.stop();
          expect(milliseconds).toBeLessThan(5000);
          if (LONG)
            writeFileSync(1, `chaos: seed ${seed}, ready ${readyMs} ms, work ${workMs} ms\n`);
        } finally {
          db.close();
          hooks.close();
          await scene.service.killAll();
        }
      }),
    LONG ? 1_200_000 : 240_000,
  );
});
