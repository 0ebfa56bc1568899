/** What the metrics say of the store: kept by triggers (migrations/0005-tallies.ts), or over the few rows of paths. */
import type { Database } from './database.ts';
import type { DeliveryState } from './deliveries.ts';
import type { JobState } from './jobs.ts';

export interface SilenceCount {
  readonly verdict: string;
  readonly signature: string;
  /** Index of the first bound that is not below; the number of bounds for those beyond. */
  readonly bucket: number;
  readonly n: number;
  /** seconds */
  readonly sum: number;
}

/** Findings by verdict, signature and length of the silence, against BOUNDS. */
export const silenceCounts = (db: Database): SilenceCount[] =>
  db.all(
    `SELECT verdict, signature, bucket, n, seconds AS sum FROM finding_tallies WHERE n > 0
     ORDER BY verdict, signature, bucket`,
  );

interface StateCount<State> {
  readonly state: State;
  readonly n: number;
}

/** Rows of a table by state, those with any. */
export function countStates(db: Database, rows: 'jobs'): StateCount<JobState>[];
export function countStates(db: Database, rows: 'deliveries'): StateCount<DeliveryState>[];
export function countStates(db: Database, rows: string): StateCount<string>[] {
  return db.all('SELECT state, n FROM state_tallies WHERE rows = ? AND n > 0 ORDER BY state', rows);
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
