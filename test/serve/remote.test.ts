/** Workers elsewhere, the inbox, dead letters by hand: the service as its operators use it. */
import { copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { labFile } from '../kit/lab.ts';
import { withFolder } from '../kit/temporary.ts';
import { haveRedis, type TestRedis, until, withRedis } from '../queue/redis.ts';
import { type Api, apiAt, deadair, freePort, killRun } from './client.ts';
import { type Service, startService } from './service.ts';

const LAB = labFile('dnat', 'inside.pcap');
const TOKENS = {
  DEADAIR_TOKEN: 'admin-token-of-the-test',
  DEADAIR_TOKEN_WORKER: 'worker-token-of-the-test',
};

interface Scene {
  readonly folder: string;
  readonly data: string;
  readonly api: Api;
  readonly service: Service;
  readonly redis: TestRedis;
}

const on = (
  flags: readonly string[],
  use: (scene: Scene) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<void> =>
  withFolder((folder) =>
    withRedis(folder, async (redis) => {
      const data = join(folder, 'data');
      const listen = `127.0.0.1:${await freePort()}`;
      const all = ['--listen', listen, '--redis', redis.url, ...flags];
      const service = await startService(data, all, env);
      const api = apiAt(`http://${listen}`, env['DEADAIR_TOKEN'] ?? null);
      try {
        await until('it is ready', () => api.ready(), 30_000);
        await use({ folder, data, api, service, redis });
      } finally {
        await service.killAll();
      }
    }),
  );

const NO_WORKER = ['--only', 'api,reporter'];

const findingsOf = async (api: Api): Promise<number> =>
  ((await api.json('/api/v1/findings?limit=1000')) as { items: unknown[] }).items.length;

/** What the service counts: the first line with all these words, 0 without one. */
async function counted(api: Api, ...words: readonly string[]): Promise<number> {
  const headers = { authorization: `Bearer ${TOKENS.DEADAIR_TOKEN}` };
  const text = await (await fetch(`${api.base}/metrics`, { headers })).text();
  const line = text.split('\n').find((each) => words.every((word) => each.includes(word)));
  return Number(line?.split(' ').at(-1) ?? 0);
}

const FETCHES = ['deadair_http_requests_total', 'route="/api/v1/jobs/:id/capture"'];

const OUTCOMES = ['survived', 'killed', 'closed', 'open', 'unobserved'] as const;

describe.skipIf(!haveRedis)('deadair work (needs redis-server)', () => {
  test('fetches the capture over the API with its own token and hands in report, findings, packets', () =>
    on(
      NO_WORKER,
      async ({ api, redis }) => {
        const { id } = await api.upload(readFileSync(LAB), '?shortest=1s');
        const worker = deadair(['work', '--server', api.base, '--redis', redis.url], {
          DEADAIR_TOKEN: TOKENS.DEADAIR_TOKEN_WORKER,
        });
        try {
          const job = await api.over(id);
          expect(job).toMatchObject({ state: 'completed', problem: null });
          expect(job.worker).not.toBeNull();
          const report = (await api.json(`/api/v1/jobs/${id}/report`)) as {
            findings: object[];
            silences: Record<string, number>;
          };
          for (const outcome of OUTCOMES) {
            const word = `deadair_silences{outcome="${outcome}"}`;
            expect([outcome, await counted(api, word)]).toEqual([
              outcome,
              report.silences[outcome],
            ]);
          }
          expect(report.silences['killed']).toBeGreaterThan(0);
          expect(report.findings.length).toBeGreaterThan(0);
          expect(await findingsOf(api)).toBe(report.findings.length);
          const [first] = report.findings as { id: string }[];
          const packets = await fetch(`${api.base}/api/v1/findings/${first?.id}/pcap`, {
            headers: { authorization: `Bearer ${TOKENS.DEADAIR_TOKEN}` },
          });
          expect(packets.status).toBe(200);
          expect(await counted(api, ...FETCHES)).toBe(1);
          process.kill(worker.child.pid ?? 0, 'SIGTERM');
          expect(await worker.ended).toBe(0);
        } finally {
          await killRun(worker);
        }
      },
      TOKENS,
    ));

  test('with --shared reads the capture where it lies, fetches nothing; with --names its report has them, the store has not', () =>
    on(
      NO_WORKER,
      async ({ api, data, redis }) => {
        const { id } = await api.upload(readFileSync(LAB), '?shortest=1s');
        const names = join(data, '..', 'names');
        writeFileSync(names, '192.168.77.1 db-primary\n');
        const args = ['work', '--server', api.base, '--redis', redis.url, '--shared', data];
        args.push('--names', names);
        const worker = deadair(args, { DEADAIR_TOKEN: TOKENS.DEADAIR_TOKEN_WORKER });
        try {
          expect(await api.over(id)).toMatchObject({ state: 'completed', problem: null });
          expect(await findingsOf(api)).toBeGreaterThan(0);
          expect(await counted(api, ...FETCHES)).toBe(0);
          expect(await api.json(`/api/v1/jobs/${id}/report`)).toMatchObject({
            paths: [{ responder: { name: 'db-primary' } }],
          });
          expect(await api.json('/api/v1/findings?limit=1')).not.toMatchObject({
            items: [{ flow: { responder: { name: 'db-primary' } } }],
          });
        } finally {
          await killRun(worker);
        }
      },
      TOKENS,
    ));

  test('of two workers one is killed with its job, the other ends it', () =>
    on(NO_WORKER, async ({ api, redis, folder }) => {
      const lab = readFileSync(LAB);
      const copies = Array.from({ length: 400 }, () => lab.subarray(24));
      const slow = Buffer.concat([lab.subarray(0, 24), ...copies]);
      const args = ['work', '--server', api.base, '--redis', redis.url, '--work-dir', folder];
      const first = deadair(args);
      const { id } = await api.upload(slow, '?shortest=1s');
      await until('it is worked on', async () => (await api.job(id)).state === 'running');
      const { worker } = await api.job(id);
      await killRun(first);
      const second = deadair(args);
      try {
        const job = await api.over(id);
        expect(job.state).toBe('completed');
        expect(job.worker).not.toBe(worker);
      } finally {
        await killRun(second);
      }
    }));

  test('a server that restarts while a job is analysed gets its results all the same', () =>
    withFolder((folder) =>
      withRedis(folder, async (redis) => {
        const data = join(folder, 'data');
        const listen = `127.0.0.1:${await freePort()}`;
        const flags = ['--listen', listen, '--redis', redis.url, ...NO_WORKER];
        const api = apiAt(`http://${listen}`);
        let service = await startService(data, flags);
        await until('it is ready', () => api.ready(), 30_000);
        const worker = deadair(['work', '--server', api.base, '--redis', redis.url]);
        try {
          const { id } = await api.upload(readFileSync(LAB), '?shortest=1s');
          await until('it is worked on', async () => (await api.job(id)).state !== 'queued');
          await service.killAll();
          service = await startService(data, flags);
          await until('it is ready', () => api.ready(), 30_000);
          expect((await api.over(id)).state).toBe('completed');
        } finally {
          await killRun(worker);
          await service.killAll();
        }
      }),
    ));
});

describe.skipIf(!haveRedis)('serve --inbox (needs redis-server)', () => {
  test('takes a finished capture once, whatever it is renamed to, also over a restart', () =>
    withFolder(async (folder) => {
      const inbox = join(folder, 'inbox');
      mkdirSync(inbox);
      const data = join(folder, 'data');
      const listen = `127.0.0.1:${await freePort()}`;
      const flags = ['--listen', listen, '--inbox', inbox, '--inbox-rest', '500ms'];
      const api = apiAt(`http://${listen}`);
      const jobs = async () =>
        ((await api.json('/api/v1/jobs')) as { items: { state: string; name: string }[] }).items;
      let service = await startService(data, flags);
      try {
        await until('it is ready', () => api.ready(), 30_000);
        writeFileSync(join(inbox, 'notes.txt'), 'no capture');
        copyFileSync(LAB, join(inbox, 'a.pcap'));
        await until('it is analysed', async () => (await jobs())[0]?.state === 'completed', 30_000);
        renameSync(join(inbox, 'a.pcap'), join(inbox, 'a.pcap.1'));
        await service.killAll();
        service = await startService(data, flags);
        await until('it is ready', () => api.ready(), 30_000);
        copyFileSync(LAB, join(inbox, 'b.pcap'));
        await until('the second is analysed', async () => (await jobs())[0]?.name === 'b.pcap');
        expect((await jobs()).map(({ name }) => name)).toEqual(['b.pcap', 'a.pcap']);
      } finally {
        await service.killAll();
      }
    }));
});

describe.skipIf(!haveRedis)('deadair dead (needs redis-server)', () => {
  test('lists what was given up with its reason, and puts it back', () =>
    on(['--job-memory', '1MiB'], async ({ api, data, service, redis }) => {
      const { id } = await api.upload(readFileSync(LAB), '?shortest=1s');
      expect(await api.over(id)).toMatchObject({
        state: 'failed',
        problem: { code: 'E_ANALYSIS_DIED' },
      });
      await until('it is a dead letter', async () => {
        const { items } = (await api.json('/api/v1/dead')) as { items: unknown[] };
        return items.length === 1;
      });
      const listed = deadair(['dead', '--server', api.base]);
      expect(await listed.ended).toBe(0);
      expect(listed.out()).toContain(`captures/${id}`);
      expect(listed.out()).toContain('1 MiB');
      await service.killAll();
      const again = await startService(data, [
        ...['--listen', new URL(api.base).host, '--redis', redis.url],
      ]);
      try {
        await until('it is ready', () => api.ready(), 30_000);
        const driven = deadair(['dead', '--server', api.base, '--redrive', 'all']);
        expect(await driven.ended).toBe(0);
        expect(driven.err()).toContain('1 back');
        expect((await api.over(id)).state).toBe('completed');
        const empty = deadair(['dead', '--server', api.base]);
        await empty.ended;
        expect(empty.out()).toBe('no dead letters\n');
      } finally {
        await again.killAll();
      }
    }));

  test('a letter that is not there, and a word that is none, are errors', () =>
    on(NO_WORKER, async ({ api }) => {
      const none = deadair(['dead', '--server', api.base, '--redrive', 'captures/nobody']);
      expect(await none.ended).toBe(3);
      expect(none.err()).toContain('E_SERVER_REFUSED');
      const word = deadair(['dead', '--server', api.base, '--redrive', 'nobody']);
      expect(await word.ended).toBe(2);
    }));
});
