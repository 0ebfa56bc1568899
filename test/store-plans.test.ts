/** Every list the API offers runs down an index in its own order: the planner is asked, on a store with rows in it. */
import { expect, test } from 'vitest';
import { accept } from '../src/report/intake/accept.ts';
import { keyRange } from '../src/report/store/address-key.ts';
import { type Database, openDatabase } from '../src/report/store/database.ts';
import { type FindingFilter, findingsStatement } from '../src/report/store/finding-list.ts';
import { listFindings } from '../src/report/store/findings.ts';
import { countJobs, listJobs } from '../src/report/store/jobs.ts';
import { type Listed, type Page, parseCursor } from '../src/report/store/page.ts';
import { listPaths } from '../src/report/store/paths.ts';
import { silenceCounts } from '../src/report/store/tallies.ts';
import { withFolder } from './kit/temporary.ts';
import { aBatch, aFinding, withStore } from './kit/store.ts';

type Bound = string | number | null | Uint8Array;

/** What SQLite would do, one line a step, while the use runs. */
async function plans(use: (db: Database) => void): Promise<string> {
  return withFolder(async (folder) => {
    const db = openDatabase(folder);
    const steps: string[] = [];
    const watched = new Proxy(db, {
      get(target, name) {
        if (name !== 'all' && name !== 'get') return Reflect.get(target, name).bind?.(target);
        return (sql: string, ...values: Bound[]) => {
          const plan = target.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...values);
          steps.push(...plan.map(({ detail }) => detail));
          return name === 'all' ? target.all(sql, ...values) : target.get(sql, ...values);
        };
      },
    });
    use(watched);
    db.close();
    return steps.join('\n');
  });
}

const page: Page = { limit: 100, after: null };
const later: Page = { limit: 100, after: { at: 5, id: 'x' } };

const one = (text: string) => keyRange(text) ?? undefined;

const filters: readonly (readonly [name: string, filter: FindingFilter, index: string])[] = [
  ['nothing', {}, 'findings_by_time'],
  ['time', { since: 1, until: 9 }, 'findings_by_time'],
  ['path', { path: 'p_1' }, 'findings_by_path'],
  ['verdict', { verdict: 'box-timeout' }, 'findings_by_verdict'],
  ['signature', { signature: 'late-reset' }, 'findings_by_signature'],
  ['address', { address: one('10.0.0.1') }, 'findings_by_originator'],
  ['port', { port: 443 }, 'findings_by_responder_port'],
  ['path and port', { path: 'p_1', port: 443 }, 'findings_by_path'],
  ['path and address', { path: 'p_1', address: one('10.0.0.0/8') }, 'findings_by_path'],
];

test.each(filters)(
  'findings by %s run down an index, unsorted, from any page',
  async (_, filter, index) => {
    for (const at of [page, later]) {
      const { sql, values } = findingsStatement(filter, at);
      const plan = await plans((db) => db.all(sql, ...values));
      expect(plan).toContain(index);
      expect(plan).not.toMatch(/SCAN findings(?! USING)/);
      // Two ends are two lists of a page each: those are sorted together, the table never is.
      if (!/UNION/.test(sql)) expect(plan).not.toContain('TEMP B-TREE');
    }
  },
);

test('a CIDR block is a range of an index at both ends', async () => {
  const { sql, values } = findingsStatement({ address: one('10.0.0.0/8') }, page);
  const plan = await plans((db) => db.all(sql, ...values));
  expect(plan).toMatch(/findings_by_originator \(originator_key>\? AND originator_key<\?\)/);
  expect(plan).toMatch(/findings_by_responder \(responder_key>\? AND responder_key<\?\)/);
});

test('jobs, paths and metrics run down an index as well', async () => {
  const clean = (plan: string) => {
    expect(plan).toMatch(/USING (?:COVERING )?INDEX/);
    expect(plan).not.toMatch(/SCAN \w+$/m);
    expect(plan).not.toContain('TEMP B-TREE FOR ORDER BY');
  };
  clean(await plans((db) => void listJobs(db, later)));
  clean(await plans((db) => void listJobs(db, later, 'queued')));
  clean(await plans((db) => void listPaths(db, later, null)));
  clean(await plans((db) => void listPaths(db, later, 'estimated')));
  // The metrics ask for tallies: a row for each verdict, signature and bucket.
  expect(await plans((db) => void silenceCounts(db))).toBe('SCAN finding_tallies');
  expect(await plans((db) => void countJobs(db))).toMatch(
    /^SEARCH state_tallies USING PRIMARY KEY/,
  );
});

const at = (i: number): string => new Date(Date.UTC(2026, 2, 1, 0, 0, i)).toISOString();

/** Every third on another path, port and address; two at each second, so that pages end between equals. */
const finding = (i: number) =>
  aFinding(`f_${String(i).padStart(4, '0')}`, {
    path: `p_${i % 3}`,
    verdict: i % 5 === 0 ? 'endpoint-timer' : 'box-timeout',
    ending: { at: at(Math.floor(i / 2)) },
    flow: {
      originator: { address: i % 3 === 0 ? '10.1.2.3' : `2001:db8::${i}`, port: 1000 + i },
      responder: { address: `192.0.2.${i % 7}`, port: i % 2 === 0 ? 443 : 27_017 },
    },
  });

const all = Array.from({ length: 300 }, (_, i) => finding(i));

function pages(db: Database, filter: FindingFilter): string[] {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const after = cursor === null ? null : parseCursor(cursor);
    const listed: Listed<{ id: string }> = listFindings(db, filter, { limit: 7, after });
    ids.push(...listed.items.map(({ id }) => id));
    cursor = listed.next;
  } while (cursor !== null);
  return ids;
}

const expected = (wanted: (finding: (typeof all)[number]) => boolean): string[] =>
  all
    .filter(wanted)
    .sort((a, b) =>
      a.ending.at === b.ending.at
        ? a.id < b.id
          ? 1
          : -1
        : (a.ending.at ?? '') < (b.ending.at ?? '')
          ? 1
          : -1,
    )
    .map(({ id }) => id);

const either = (
  { flow }: (typeof all)[number],
  is: (end: { address: string; port: number }) => boolean,
) => is(flow.originator) || is(flow.responder);

test('page after page every finding of a filter comes once, newest first', () =>
  withStore((db) => {
    accept(db, aBatch({ findings: all }), 1);
    expect(pages(db, {})).toEqual(expected(() => true));
    expect(pages(db, { path: 'p_1' })).toEqual(expected(({ path }) => path === 'p_1'));
    expect(pages(db, { port: 443 })).toEqual(
      expected((f) => either(f, ({ port }) => port === 443)),
    );
    const exact = one('10.1.2.3');
    expect(pages(db, { address: exact })).toEqual(
      expected((f) => either(f, (e) => e.address === '10.1.2.3')),
    );
    const block = one('192.0.2.4/31');
    const inBlock = (f: (typeof all)[number]) =>
      either(f, (e) => /^192\.0\.2\.[45]$/.test(e.address));
    expect(pages(db, { address: block, verdict: 'box-timeout', port: 443 })).toEqual(
      expected(
        (f) => inBlock(f) && f.verdict === 'box-timeout' && either(f, ({ port }) => port === 443),
      ),
    );
    expect(pages(db, { address: block, path: 'p_2', port: 443 })).toEqual(
      expected((f) => inBlock(f) && f.path === 'p_2' && either(f, ({ port }) => port === 443)),
    );
    const [since, until] = [Date.parse(at(10)), Date.parse(at(20))];
    expect(pages(db, { since, until })).toHaveLength(22);
  }));

test('a block of either family holds what it should, to the bit', () => {
  const inside = (block: string, address: string): boolean => {
    const [range, key] = [keyRange(block), keyRange(address)];
    if (range === null || key === null) throw new Error('no address');
    return range.from <= key.from && key.to <= range.to;
  };
  expect(inside('10.0.0.0/8', '10.255.255.255')).toBe(true);
  expect(inside('10.0.0.0/8', '11.0.0.0')).toBe(false);
  expect(inside('192.0.2.128/25', '192.0.2.127')).toBe(false);
  expect(inside('192.0.2.130/25', '192.0.2.129')).toBe(true);
  expect(inside('0.0.0.0/0', '255.255.255.255')).toBe(true);
  expect(inside('0.0.0.0/0', '2001:db8::1')).toBe(false);
  expect(inside('2001:db8::/33', '2001:db8:7fff::1')).toBe(true);
  expect(inside('2001:db8::/33', '2001:db8:8000::1')).toBe(false);
  for (const text of ['10.0.0.0/33', 'fe80::1%eth0', '10.0.0', '10.0.0.1/', 'x']) {
    expect([text, keyRange(text)]).toEqual([text, null]);
  }
});
