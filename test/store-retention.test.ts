/** What goes when: by age, by size, and never more; and a backup that is whole. */
import { existsSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { accept } from '../src/report/intake/accept.ts';
import { type Database, openDatabase, STORE_FILE } from '../src/report/store/database.ts';
import { eventsAfter, lastSeq } from '../src/report/store/events.ts';
import { findingOf } from '../src/report/store/findings.ts';
import { completeJob, insertJob, jobOf, newJobId } from '../src/report/store/jobs.ts';
import { captureFile, makeFolders } from '../src/report/store/places.ts';
import { prune, RETENTION, storeBytes } from '../src/report/store/retention.ts';
import { pruneOnce } from '../src/report/store/upkeep.ts';
import { said } from './kit/command.ts';
import { withFolder } from './kit/temporary.ts';
import { aBatch, aFinding, withStore } from './kit/store.ts';

const DAY = 24 * 3600 * 1000;
const NOW = Date.UTC(2026, 5, 1);
const never = new AbortController().signal;

function pcapng(bytes: number): string {
  const section = Buffer.alloc(bytes);
  section.writeUInt32BE(0x0a0d0d0a);
  return section.toString('base64');
}

const store = (db: Database, id: string, daysAgo: number, evidence = pcapng(100)) =>
  accept(
    db,
    aBatch({ findings: [aFinding(id)], evidence: [{ finding: id, pcapng: evidence }] }),
    NOW - daysAgo * DAY,
  );

test('by the stated defaults a finding lives half a year, its packets and its event less', () =>
  withStore(async (db, data) => {
    makeFolders(data);
    for (const [id, age] of [
      ['f_old', 181],
      ['f_half', 100],
      ['f_new', 1],
    ] as const)
      store(db, id, age);
    const pruned = await prune({ db, data, now: NOW, signal: never }, RETENTION);
    expect(pruned).toMatchObject({ findings: 1, events: 2, evidence: 2 });
    expect(findingOf(db, 'f_old')).toBeNull();
    expect(findingOf(db, 'f_half')).toMatchObject({ hasEvidence: false, sameAs: ['f_new'] });
    expect(findingOf(db, 'f_new')?.hasEvidence).toBe(true);
  }));

test('the number of an event is never used twice, also after the newest was deleted', () =>
  withStore(async (db, data) => {
    makeFolders(data);
    store(db, 'f_1', 100);
    expect(lastSeq(db)).toBe(1);
    await prune({ db, data, now: NOW, signal: never }, RETENTION);
    store(db, 'f_2', 1);
    expect(eventsAfter(db, 0, 10).map(({ seq }) => seq)).toEqual([2]);
  }));

test('beyond its size the store gives up packets first, and findings only when that is not enough', () =>
  withStore(async (db, data) => {
    makeFolders(data);
    for (let i = 0; i < 40; i++) store(db, `f_${i}`, 2, pcapng(60_000));
    const full = storeBytes(db);
    const most = Math.round(full / 2);
    const pruned = await prune(
      { db, data, now: NOW, signal: never },
      { ...RETENTION, mostBytes: most },
    );
    expect(storeBytes(db)).toBeLessThanOrEqual(most);
    expect(pruned).toMatchObject({ evidence: 40, findings: 0 });
    expect(findingOf(db, 'f_0')).not.toBeNull();
  }));

test('jobs that are over go with their files, those that run stay, captures without a job go', () =>
  withStore(async (db, data) => {
    makeFolders(data);
    const [done, running, orphan] = [newJobId(), newJobId(), newJobId()];
    for (const id of [done, running]) {
      const job = { id, name: null, source: 'api', bytes: 1, sha256: 'a', settings: {} };
      insertJob(db, job, NOW - 31 * DAY);
      writeFileSync(captureFile(data, id), 'x');
    }
    completeJob(db, done, { reportBytes: 1, findings: 0 }, NOW - 31 * DAY);
    writeFileSync(captureFile(data, orphan), 'x');
    utimesSync(captureFile(data, orphan), 1, 1);
    const pruned = await prune({ db, data, now: NOW, signal: never }, RETENTION);
    expect(pruned).toMatchObject({ jobs: 1, orphans: 1 });
    expect([jobOf(db, done), existsSync(captureFile(data, done))]).toEqual([null, false]);
    expect([jobOf(db, running)?.state, existsSync(captureFile(data, running))]).toEqual([
      'queued',
      true,
    ]);
    expect(existsSync(captureFile(data, orphan))).toBe(false);
  }));

/** Of those that are to go; asked in the transaction of a writer, so it is what stood between two slices. */
const leftOf = (db: Database): number =>
  db.get<{ n: number }>('SELECT count(*) AS n FROM findings WHERE created_at < ?', NOW - DAY)?.n ??
  0;

test('a big delete in its own thread goes slice by slice, and lets writers in between', () =>
  withStore(async (db, data) => {
    makeFolders(data);
    const old = Array.from({ length: 5000 }, (_, i) =>
      aFinding(`f_${i}`, { flow: { sequence: `s_${i}` } }),
    );
    accept(db, aBatch({ findings: old }), NOW - 200 * DAY);
    const seen = new Set<number>();
    const over = new AbortController();
    const pruned = pruneOnce({ data, rules: RETENTION, now: NOW }).finally(() => over.abort());
    // A writer that finds no gap within 5 s is refused (SQLITE_BUSY), and so this test.
    for (let i = 0; !over.signal.aborted; i++) {
      const left = db.transaction(() => {
        store(db, `f_new_${i}`, 0);
        return leftOf(db);
      });
      seen.add(left);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(await pruned).toMatchObject({ findings: 5000 });
    const between = [...seen].filter((left) => left > 0 && left < 5000);
    expect(between.length).toBeGreaterThan(0);
    expect(between.filter((left) => left % 500 !== 0)).toEqual([]);
  }));

test('`deadair backup` copies a store in use, for its owner alone, and replaces nothing', () =>
  withFolder(async (folder) => {
    const data = join(folder, 'data');
    const db = openDatabase(data);
    store(db, 'f_1', 1);
    const file = join(folder, 'copy', STORE_FILE);
    const first = await said(['backup', '--data', data, join(folder, 'copy.db')]);
    expect([first.status, first.out]).toEqual([0, expect.stringMatching(/^1 findings are in /)]);
    expect((statSync(join(folder, 'copy.db')).mode & 0o777).toString(8)).toBe('600');
    const again = await said(['backup', '--data', data, join(folder, 'copy.db')]);
    expect([again.status, again.err]).toEqual([3, expect.stringContaining('E_BACKUP')]);
    expect(await said(['backup', '--data', folder, file])).toMatchObject({ status: 3 });
    db.close();
    const back = join(folder, 'back');
    mkdirSync(back);
    writeFileSync(join(back, STORE_FILE), readFileSync(join(folder, 'copy.db')));
    const copy = openDatabase(back);
    expect(findingOf(copy, 'f_1')).toMatchObject({ id: 'f_1', hasEvidence: true });
    copy.close();
  }));
