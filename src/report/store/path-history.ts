/** A path's T over time: a row whenever status, estimate or interval moved. */
import type { PathReport } from '../schema.ts';
import type { Database } from './database.ts';

export interface PathMoment {
  readonly at: string;
  readonly source: string;
  readonly status: PathReport['timeout']['status'];
  readonly estimateSeconds: number | null;
  readonly lowSeconds: number | null;
  readonly highSeconds: number | null;
  readonly killed: number;
  readonly survived: number;
}

interface HistoryRow {
  readonly at: number;
  readonly source: string;
  readonly status: PathMoment['status'];
  readonly estimate_seconds: number | null;
  readonly low_seconds: number | null;
  readonly high_seconds: number | null;
  readonly killed: number;
  readonly survived: number;
}

/** Chosen: more than anybody looks at; the oldest rows are left out. */
const SHOWN = 1000;

const moment = (row: HistoryRow): PathMoment => ({
  at: new Date(row.at).toISOString(),
  source: row.source,
  status: row.status,
  estimateSeconds: row.estimate_seconds,
  lowSeconds: row.low_seconds,
  highSeconds: row.high_seconds,
  killed: row.killed,
  survived: row.survived,
});

/** Newest last. */
export const historyOf = (db: Database, path: string): PathMoment[] =>
  db
    .all<HistoryRow>(
      'SELECT * FROM path_history WHERE path = ? ORDER BY seq DESC LIMIT ?',
      path,
      SHOWN,
    )
    .map(moment)
    .reverse();

const lastRow = (db: Database, path: string, only: string): HistoryRow | undefined =>
  db.get<HistoryRow>(
    `SELECT * FROM path_history WHERE path = ?${only} ORDER BY seq DESC LIMIT 1`,
    path,
  );

const isSame = (row: HistoryRow | undefined, timeout: PathReport['timeout']): boolean =>
  row !== undefined &&
  row.status === timeout.status &&
  row.estimate_seconds === timeout.estimateSeconds &&
  row.low_seconds === timeout.lowSeconds &&
  row.high_seconds === timeout.highSeconds;

/** The last estimate before this one, and whether this one differs from what was known. */
export function appendHistory(
  db: Database,
  { path, source, now }: { path: PathReport; source: string; now: number },
): { readonly formerEstimate: PathMoment | null; readonly moved: boolean } {
  const estimated = lastRow(db, path.id, " AND status = 'estimated'");
  const formerEstimate = estimated === undefined ? null : moment(estimated);
  const { timeout } = path;
  if (isSame(lastRow(db, path.id, ''), timeout)) return { formerEstimate, moved: false };
  db.run(
    `INSERT INTO path_history (path, at, source, status, estimate_seconds, low_seconds, high_seconds, killed, survived)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    path.id,
    now,
    source,
    timeout.status,
    timeout.estimateSeconds,
    timeout.lowSeconds,
    timeout.highSeconds,
    path.killed,
    path.survived,
  );
  return { formerEstimate, moved: true };
}
