/** Jobs through the real processes: supervisor, private Redis, worker, analysis, reporter, store. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { identify, isRunning } from '../../src/base/process-identity.ts';
import type { Database } from '../../src/report/store/database.ts';
import { cancelJob, jobOf } from '../../src/report/store/jobs.ts';
import { reportFile } from '../../src/report/store/places.ts';
import { labFile } from '../kit/lab.ts';
import { withFolder } from '../kit/temporary.ts';
import { haveRedis, until } from '../queue/redis.ts';
import { deadair } from './client.ts';
import { handIn, type Service, startService, storeOf, untilOver } from './service.ts';

const PARTS = ['--only', 'reporter,worker'];
const LAB = labFile('dnat', 'inside.pcap');
const SHORT = { shortestSeconds: 1 };

const on = (
  use: (at: { data: string; db: Database; service: Service }) => Promise<void>,
  flags: readonly string[] = [],
): Promise<void> =>
  withFolder(async (folder) => {
    const data = join(folder, 'data');
    const service = await startService(data, [...PARTS, ...flags]);
    const db = storeOf(data);
    try {
      await use({ data, db, service });
    } finally {
      db.close();
      await service.killAll();
    }
  });

const stored = (db: Database): number =>
  db.get<{ n: number }>('SELECT count(*) AS n FROM findings')?.n ?? 0;

describe.skipIf(!haveRedis)('a job (needs redis-server)', () => {
  test('is analysed, its findings, paths and packets are stored, then it is complete', () =>
    on(async ({ data, db }) => {
      const id = handIn(data, db, LAB, SHORT);
      const job = await untilOver(db, id);
      expect(job).toMatchObject({
        state: 'completed',
        attempts: 1,
        problem: null,
        hasReport: true,
      });
      const report = JSON.parse(readFileSync(reportFile(data, id, 'json'), 'utf8')) as {
        findings: { id: string }[];
        paths: unknown[];
        sources: { name: string }[];
      };
      expect(report.findings.length).toBeGreaterThan(0);
      expect(report.sources.map(({ name }) => name)).toEqual(['test']);
      expect(stored(db)).toBe(report.findings.length);
      expect(db.get<{ n: number }>('SELECT count(*) AS n FROM paths')?.n).toBe(report.paths.length);
      const packets = db.get<{ n: number }>('SELECT count(*) AS n FROM evidence')?.n;
      expect(packets).toBe(report.findings.length);
      expect(readFileSync(reportFile(data, id, 'txt'), 'utf8')).toContain('connection');
      await until('no work is left over', () => readdirSync(join(data, 'work')).length === 0);
    }));

  test('that is handed in twice makes each finding once', () =>
    on(async ({ data, db }) => {
      const jobs = [handIn(data, db, LAB, SHORT), handIn(data, db, LAB, SHORT)];
      for (const id of jobs) expect((await untilOver(db, id)).state).toBe('completed');
      const { findings } = JSON.parse(
        readFileSync(reportFile(data, jobs[0] ?? '', 'json'), 'utf8'),
      ) as { findings: unknown[] };
      expect(stored(db)).toBe(findings.length);
      const created = db.get<{ n: number }>(
        "SELECT count(*) AS n FROM events WHERE type = 'finding.created'",
      );
      expect(created?.n).toBe(findings.length);
    }));

  test('whose capture cannot be read fails at once, with the code, and is no dead letter', () =>
    on(async ({ data, db }) => {
      const bad = join(data, 'bad');
      writeFileSync(bad, 'this is no capture at all');
      const job = await untilOver(db, handIn(data, db, bad, {}));
      expect(job).toMatchObject({
        state: 'failed',
        attempts: 1,
        problem: { code: 'E_INPUT_FORMAT' },
      });
    }));

  test('whose analysis dies twice is analysed the third time', () =>
    on(async ({ data, db, service }) => {
      const pipe = slowCapture(data);
      const id = handIn(data, db, pipe, SHORT);
      for (let n = 0; n < 2; n++) await killAnalysis(service);
      const job = await untilOver(db, id, 60_000);
      expect(job).toMatchObject({ state: 'completed', attempts: 1 });
    }));

  test('whose analysis dies three times is given up with the reason', () =>
    on(async ({ data, db, service }) => {
      const id = handIn(data, db, slowCapture(data), SHORT);
      for (let n = 0; n < 3; n++) await killAnalysis(service);
      const job = await untilOver(db, id);
      expect(job).toMatchObject({ state: 'failed', problem: { code: 'E_ANALYSIS_DIED' } });
      expect(job.problem?.message).toContain('SIGKILL');
    }));

  test('that needs more memory than it may is given up, and the worker lives', () =>
    on(
      async ({ data, db, service }) => {
        const worker = service.parts().get('worker');
        const job = await untilOver(db, handIn(data, db, slowCapture(data), SHORT));
        expect(job).toMatchObject({ state: 'failed', problem: { code: 'E_ANALYSIS_DIED' } });
        expect(job.problem?.message).toContain('30 MiB');
        expect(service.parts().get('worker')).toBe(worker);
      },
      ['--job-memory', '30MiB'],
    ));

  test('that is cancelled has no process any more within a second', () =>
    on(async ({ data, db, service }) => {
      const id = handIn(data, db, slowCapture(data), SHORT);
      await until('it is analysed', () => service.parts().has('analysis'));
      await until('it runs', () => jobOf(db, id)?.state === 'running');
      cancelJob(db, id, Date.now());
      await until('its process is gone', () => !service.parts().has('analysis'), 1000);
      expect(jobOf(db, id)?.state).toBe('cancelled');
    }));
});

describe.skipIf(!haveRedis)('the service (needs redis-server)', () => {
  test('a part that is killed is started again, and its jobs go on', () =>
    on(async ({ data, db, service }) => {
      for (const part of ['worker', 'reporter', 'redis-server']) {
        await until(`${part} is there`, () => service.parts().has(part));
        const pid = service.parts().get(part) ?? 0;
        const id = handIn(data, db, LAB, SHORT);
        process.kill(pid, 'SIGKILL');
        await until(`another ${part} is there`, () => (service.parts().get(part) ?? pid) !== pid);
        expect((await untilOver(db, id)).state).toBe('completed');
      }
    }));

  test('killed as a whole it leaves no process behind', () =>
    on(async ({ service }) => {
      await until('all are there', () => service.parts().size >= 3);
      const parts = [...service.parts().values()].map((pid) => identify(pid));
      await service.killAll();
      await until(
        'all are gone',
        () => parts.every((one) => one === null || !isRunning(one)),
        5000,
      );
    }));

  test('what a kill left between a capture and its row is swept at the next start, what is young is kept', () =>
    withFolder(async (folder) => {
      const data = join(folder, 'data');
      mkdirSync(join(data, 'captures'), { recursive: true });
      mkdirSync(join(data, 'incoming'));
      const [old, young] = ['old', 'young'].map((name) => join(data, 'captures', name));
      for (const path of [old, young, join(data, 'incoming', 'x.part')])
        writeFileSync(path ?? '', 'x');
      utimesSync(old ?? '', 1, 1);
      const service = await startService(data, PARTS);
      await until('the old one is gone', () => !existsSync(old ?? ''));
      expect(existsSync(young ?? '')).toBe(true);
      expect(readdirSync(join(data, 'incoming'))).toEqual([]);
      await service.killAll();
    }));

  test('it stops within five seconds while a capture is analysed, which the next run ends', () =>
    withFolder(async (folder) => {
      const data = join(folder, 'data');
      const first = await startService(data, PARTS);
      const db = storeOf(data);
      const id = handIn(data, db, slowCapture(data), SHORT);
      await until('it is analysed', () => first.parts().has('analysis'));
      const { milliseconds, status } = await first.stop();
      expect(milliseconds).toBeLessThan(5000);
      expect(status).toBe(0);
      expect(jobOf(db, id)?.state).not.toBe('failed');
      expect(existsSync(join(data, 'serve.lock'))).toBe(false);
      const second = await startService(data, PARTS);
      expect((await untilOver(db, id)).state).toBe('completed');
      db.close();
      await second.killAll();
    }));

  test('a second one on the same data is refused with exit status 5', () =>
    on(async ({ data }) => {
      const second = deadair(['serve', '--data', data, ...PARTS]);
      expect(await second.ended).toBe(5);
      expect(second.err()).toContain('E_DATA_LOCKED');
    }));
});

/** Large enough that its analysis takes a second or two. */
function slowCapture(data: string): string {
  const path = join(data, 'slow.pcap');
  if (existsSync(path)) return path;
  const lab = readFileSync(LAB);
  const [header, packets] = [lab.subarray(0, 24), lab.subarray(24)];
  const copies = Math.ceil((96 * 2 ** 20) / packets.length);
  writeFileSync(path, Buffer.concat([header, ...Array.from({ length: copies }, () => packets)]));
  return path;
}

async function killAnalysis(service: Service): Promise<void> {
  await until('an analysis runs', () => service.parts().has('analysis'));
  const pid = service.parts().get('analysis') ?? 0;
  process.kill(pid, 'SIGKILL');
  await until('it is gone', () => service.parts().get('analysis') !== pid);
}
