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

export interface PathTally {
  readonly killed: number;
  readonly survived: number;
  readonly byStatus: readonly { readonly status: string; readonly n: number }[];
}

export function tallyPaths(db: Database): PathTally {
  const rows = db.all<{ status: string; n: number; killed: number; survived: number }>(
    `SELECT status, count(*) AS n, sum(killed) AS killed, sum(survived) AS survived
     FROM paths GROUP BY status`,
  );
  return {
    killed: rows.reduce((sum, { killed }) => sum + killed, 0),
    survived: rows.reduce((sum, { survived }) => sum + survived, 0),
    byStatus: rows.map(({ status, n }) => ({ status, n })),
  };
}
