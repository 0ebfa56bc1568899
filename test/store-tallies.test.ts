/** What the metrics say is what a count of the rows would say, whichever way rows come, change and go. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Database, openDatabase, STORE_FILE } from '../src/report/store/database.ts';
import { insertDelivery } from '../src/report/store/deliveries.ts';
import { countStates, silenceCounts } from '../src/report/store/tallies.ts';
import { accept } from '../src/report/intake/accept.ts';
import { MIGRATIONS } from '../src/report/store/migrate.ts';
import { BOUNDS } from '../src/report/store/migrations/0005-tallies.ts';
import { deleteWebhook, insertWebhook } from '../src/report/store/webhooks.ts';
import { aBatch, aFinding, withStore } from './kit/store.ts';
import { withFolder } from './kit/temporary.ts';

const bucket = (seconds: number): number => {
  const at = BOUNDS.findIndex((bound) => seconds <= bound);
  return at === -1 ? BOUNDS.length : at;
};

interface Row {
  readonly verdict: string;
  readonly signature: string;
  readonly silence_seconds: number;
}

/** The slow way. */
function counted(db: Database): unknown[] {
  const counts = new Map<string, { n: number; sum: number }>();
  for (const { verdict, signature, silence_seconds } of db.all<Row>('SELECT * FROM findings')) {
    const key = JSON.stringify([verdict, signature, bucket(silence_seconds)]);
    const known = counts.get(key) ?? { n: 0, sum: 0 };
    counts.set(key, { n: known.n + 1, sum: known.sum + silence_seconds });
  }
  return [...counts].map(([key, { n, sum }]) => [...(JSON.parse(key) as unknown[]), n, round(sum)]);
}

const round = (seconds: number): number => Math.round(seconds * 1e6) / 1e6;

const tallied = (db: Database): unknown[] =>
  silenceCounts(db).map(({ verdict, signature, bucket: at, n, sum }) => [
    verdict,
    signature,
    at,
    n,
    round(sum),
  ]);

const sorted = (rows: unknown[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

const expectTrue = (db: Database): void => {
  expect(sorted(tallied(db))).toEqual(sorted(counted(db)));
  const rows = (table: string) =>
    db.all(`SELECT state, count(*) AS n FROM ${table} GROUP BY state ORDER BY state`);
  expect(countStates(db, 'jobs')).toEqual(rows('jobs'));
  expect(countStates(db, 'deliveries')).toEqual(rows('deliveries'));
};

const silence = (seconds: number) => ({
  startedAt: '2026-03-01T00:00:00Z',
  endedAt: '2026-03-01T01:00:00Z',
  seconds,
  clock: 'packet' as const,
});

const many = [3, 5, 5.001, 91, 350, 100_000].map((seconds, i) =>
  aFinding(`f_${i}`, {
    silence: silence(seconds),
    verdict: i % 2 === 0 ? 'box-timeout' : 'endpoint-timer',
  }),
);

test('findings that come, come again, are updated to another verdict or length, and go', () =>
  withStore((db) => {
    accept(db, aBatch({ id: 'b_1', findings: many }), 1);
    expectTrue(db);
    accept(db, aBatch({ id: 'b_2', findings: many }), 2);
    expectTrue(db);
    const changed = aFinding('f_3', { update: 1, silence: silence(9), verdict: 'box-timeout' });
    accept(db, aBatch({ id: 'b_3', findings: [changed] }), 3);
    expectTrue(db);
    expect(silenceCounts(db).reduce((sum, { n }) => sum + n, 0)).toBe(many.length);
    db.run('DELETE FROM findings WHERE id IN (?, ?)', 'f_0', 'f_3');
    expectTrue(db);
    db.run('DELETE FROM findings');
    expect(silenceCounts(db)).toEqual([]);
  }));

test('what a transaction takes back was never counted', () =>
  withStore((db) => {
    const fails = () =>
      db.transaction(() => {
        accept(db, aBatch({ id: 'b_1', findings: many }), 1);
        throw new Error('no');
      });
    expect(fails).toThrow('no');
    expect(silenceCounts(db)).toEqual([]);
  }));

test('deliveries go with their subscription, and out of the count', () =>
  withStore((db) => {
    const sealed = new Uint8Array(1);
    insertWebhook(db, { id: 'w_1', fromSeq: 0, settings: {}, sealed }, 1);
    for (const id of ['msg_1', 'msg_2', 'msg_2']) {
      const delivery = { id, webhook: 'w_1', type: 'finding.created', path: null, notice: {} };
      insertDelivery(db, delivery, 1);
    }
    db.run("UPDATE deliveries SET state = 'failed' WHERE id = 'msg_1'");
    expectTrue(db);
    expect(countStates(db, 'deliveries')).toEqual([
      { state: 'failed', n: 1 },
      { state: 'pending', n: 1 },
    ]);
    deleteWebhook(db, 'w_1');
    expect(countStates(db, 'deliveries')).toEqual([]);
  }));

test('a store of the layout before is counted once, when it is brought up to date', () =>
  withFolder(async (folder) => {
    const old = new Database(join(folder, STORE_FILE));
    for (const { sql } of MIGRATIONS.slice(0, 4)) old.script(sql);
    old.script('PRAGMA user_version = 4');
    accept(old, aBatch({ findings: many }), 1);
    old.run(
      `INSERT INTO jobs (id, state, created_at, changed_at, source, bytes, sha256, settings)
       VALUES ('j_1', 'queued', 1, 1, 'api', 1, 'x', '{}')`,
    );
    old.close();
    const db = openDatabase(folder);
    expect(silenceCounts(db)).toHaveLength(6);
    expectTrue(db);
    db.close();
  }));
