/**
 * The disk is full, at each place where something is written: an upload is refused and leaves nothing, the store's
 * findings wait on the queue, the spool waits in a bounded memory and counts. Quietly, and without a restart after it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Producer } from '../../src/queue/producer.ts';
import { parseRedisUrl } from '../../src/queue/redis-url.ts';
import type { FindingReport } from '../../src/report/schema.ts';
import { labFile } from '../kit/lab.ts';
import { withFolder } from '../kit/temporary.ts';
import { haveRedis, until, withRedis } from '../queue/redis.ts';
import { idling, QUIET } from '../serve/idling.ts';
import { labKills } from '../webhook/kills.ts';
import { filesIn, type Target } from './serve.ts';
import { canMount, onSmallDisk, withSmallDisk } from './small-disk.ts';
import { POST, stubborn } from './socket.ts';

const LAB = readFileSync(labFile('dnat', 'inside.pcap'));
const MIB = 2 ** 20;

const send = ({ api }: Target, bytes: Uint8Array): Promise<Response> =>
  fetch(`${api.base}/api/v1/captures`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: new Uint8Array(bytes),
  });

async function refused(target: Target): Promise<void> {
  const answer = await send(target, LAB);
  expect([answer.status, await answer.json()]).toMatchObject([
    507,
    { type: 'urn:deadair:problem:no-space' },
  ]);
}

/** A capture's beginning, then zeros, `mib` in all, in chunks of no announced length. */
function unannounced(mib: number): () => Buffer | null {
  let pieces = 0;
  return () => {
    if (pieces++ >= mib) return null;
    const piece = Buffer.alloc(MIB);
    if (pieces === 1) LAB.copy(piece, 0, 0, 24);
    return Buffer.concat([Buffer.from('100000\r\n'), piece, Buffer.from('\r\n')]);
  };
}

const quietly = async (target: Target): Promise<void> => {
  const { cpu, lines } = await idling(target.service, 3);
  expect(cpu).toBeLessThan(QUIET.cpu);
  expect(lines).toBeLessThan(QUIET.lines);
};

const storedFindings = async ({ api }: Target): Promise<string[]> => {
  const { items } = (await api.json('/api/v1/findings?limit=1000')) as { items: FindingReport[] };
  return items.map(({ id }) => id).sort();
};

/** As an agent would: the lab's finding under `count` other ids, 20 a batch. */
async function publish(producer: Producer, count: number): Promise<string[]> {
  const [kill] = (await labKills()).findings;
  const ids = Array.from({ length: count }, (_, n) => `f_full${n}`);
  for (let at = 0; at < count; at += 20) {
    const id = `full.${at}`;
    const findings = ids.slice(at, at + 20).map((one) => ({ ...kill, id: one, update: 0 }));
    const from = { kind: 'agent' as const, agent: 'a_full', host: 'test' };
    const sentAt = new Date().toISOString();
    const payload = { v: 1 as const, id, from, sentAt, findings, paths: [], evidence: [] };
    await producer.add('findings', [{ id, payload }]);
  }
  return ids.sort();
}

interface Spooled {
  readonly taken: number;
  readonly refused: number;
  readonly stored: number;
}

describe.skipIf(!haveRedis || !canMount)('a full disk (needs redis-server, unshare -m)', () => {
  test('at an upload: 507, announced or found out on the way, nothing is left, and it works when freed', () =>
    withSmallDisk(48, ['--only', 'api,reporter,worker'], async (target, disk) => {
      const left = () => [filesIn(disk.inside, 'incoming'), filesIn(disk.inside, 'captures')];
      const announced = `${POST}Content-Length: ${60 * MIB}\r\n\r\n`;
      const head = `${POST}Transfer-Encoding: chunked\r\n\r\n`;
      for (const [begin, body] of [
        [announced, () => null],
        [head, unannounced(60)],
      ] as const) {
        const { text } = await stubborn(target.port, begin, body);
        expect(text).toMatch(/^HTTP\/1.1 507 .*connection: close.*no-space/is);
        expect(left()).toEqual([[], []]);
      }
      disk.fill();
      await refused(target);
      expect((await target.api.json('/api/v1/jobs')) as object).toMatchObject({ items: [] });
      expect(left()).toEqual([[], []]);
      await quietly(target);
      disk.free();
      await until('it is ready again', () => target.api.ready(), 30_000);
      const { id } = await target.api.upload(LAB, '?shortest=1s');
      expect(await target.api.over(id)).toMatchObject({ state: 'completed' });
    }));

  test('at the store: findings wait on the queue, quietly, and all are stored when there is room', () =>
    withFolder((outside) =>
      withRedis(outside, (redis) =>
        withSmallDisk(
          32,
          ['--redis', redis.url, '--only', 'api,reporter'],
          async (target, disk) => {
            const producer = new Producer(parseRedisUrl(redis.url));
            const waiting = async (): Promise<number> => {
              const { waiting: n, active, delayed } = (await producer.depths()).findings;
              return n + active + delayed;
            };
            try {
              disk.fill();
              const ids = await publish(producer, 400);
              await until('the store has run into it', () =>
                target.service.said().includes('the store cannot be written'),
              );
              await quietly(target);
              const before = await storedFindings(target);
              expect(before.length).toBeLessThan(ids.length);
              expect(await waiting()).toBeGreaterThan(0);
              disk.free();
              await until('the queue is empty', async () => (await waiting()) === 0, 40_000);
              expect(await storedFindings(target)).toEqual(ids);
              expect((await producer.depths()).findings.failed).toBe(0);
            } finally {
              await producer.close();
            }
          },
        ),
      ),
    ));

  test('under a job that runs: it waits, and is completed when there is room', () =>
    withFolder((outside) =>
      withRedis(outside, (redis) =>
        withSmallDisk(48, ['--redis', redis.url], async (target, disk) => {
          redis.signal('SIGSTOP');
          const { id } = await target.api.upload(LAB, '?shortest=1s');
          disk.fill();
          redis.signal('SIGCONT');
          await until('it has run into it', () => target.service.said().includes('has to wait'));
          await quietly(target);
          disk.free();
          expect(await target.api.over(id, 50_000)).toMatchObject({ state: 'completed' });
        }),
      ),
    ));

  test('at the spool: what waits is bounded and the rest counted; what was taken is there when freed', () =>
    withFolder(async (folder) => {
      const disk = join(folder, 'disk');
      mkdirSync(disk);
      const [program = '', ...words] = onSmallDisk(disk, 16);
      const script = 'test/hostile/spooling-on-a-full-disk.js';
      const child = spawn(program, [...words, process.execPath, script, disk]);
      let log = '';
      child.stderr.on('data', (text: Buffer) => (log += text.toString()));
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      const told = async (): Promise<unknown> => JSON.parse(String((await lines.next()).value));
      const tell = (command: string): Promise<unknown> => {
        child.stdin.write(`${command}\n`);
        return told();
      };
      const state = async () => (await tell('state')) as Spooled;
      await tell('append 100');
      expect(await tell('flush')).toMatchObject({ taken: 100, refused: 0, stored: 100 });
      await tell('fill');
      await tell('append 1000');
      await until('it has run into it', () => log.includes('the spool cannot write'));
      const full = (await tell('append 1000')) as Spooled;
      expect(full.refused).toBeGreaterThan(300);
      expect(full.taken + full.refused).toBe(2100);
      await sleep(3000);
      expect(log.split('\n').length).toBeLessThan(30);
      await tell('free');
      // More waits than the disk can hold: it takes what there is room for, in order and whole.
      await until('it writes again', async () => (await state()).stored > 1000);
      expect(await state()).toMatchObject({ inOrder: true });
      child.kill('SIGKILL');
      await once(child, 'exit');
    }));
});
