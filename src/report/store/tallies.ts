/** What the metrics count, each by an index or over the few rows of paths. */
import type { Database } from './database.ts';

export interface SilenceCount {
  readonly verdict: string;
  readonly signature: string;
  /** Index of the first bound that is not below; the number of bounds for those beyond. */
  readonly bucket: number;
  readonly n: number;
  /** seconds */
  readonly sum: number;
}

/** Findings by verdict, signature and length of the silence. `bounds` ascend, seconds. */
export function silenceCounts(db: Database, bounds: readonly number[]): SilenceCount[] {
  const cases = bounds.map((bound, i) => `WHEN silence_seconds <= ${bound} THEN ${i}`).join(' ');
  return db.all(
    `SELECT verdict, signature, CASE ${cases} ELSE ${bounds.length} END AS bucket, count(*) AS n,
       sum(silence_seconds) AS sum
     FROM findings INDEXED BY findings_by_silence GROUP BY verdict, signature, bucket`,
  );
}

/** Paths by what is known of their timeout. */
export const tallyPaths = (
  db: Database,
): readonly { readonly status: string; readonly n: number }[] =>
  db.all('SELECT status, count(*) AS n FROM paths GROUP BY status');

export type Outcomes = Readonly<
  Record<'survived' | 'killed' | 'closed' | 'open' | 'unobserved', number>
>;

/** What a source counted, in place of what it counted before. */
export function storeOutcomes(db: Database, source: string, counts: Outcomes, now: number): void {
  const { survived, killed, closed, open, unobserved } = counts;
  const sql = 'INSERT OR REPLACE INTO silences VALUES (?, ?, ?, ?, ?, ?, ?)';
  db.run(sql, source, survived, killed, closed, open, unobserved, now);
}

/** Of all sources together. */
export function tallyOutcomes(db: Database): Outcomes {
  const sum = (column: string): string => `coalesce(sum(${column}), 0) AS ${column}`;
  const columns = ['survived', 'killed', 'closed', 'open', 'unobserved'].map(sum).join(', ');
  const [row] = db.all<Outcomes>(`SELECT ${columns} FROM silences`);
  if (row === undefined) throw new Error('a sum has a row');
  return row;
}
