/**
 * The silences of a path, in bins 1 % wide for each outcome and source (observations-report.ts has the same bins): a path
 * that is watched for years has some thousand rows. Together, they are given back as bins.
 */
import type { PathReport } from '../schema.ts';
import type { Database } from './database.ts';

type Observations = NonNullable<PathReport['observations']>;

const BIN_ERROR = 0.01;
const STEP = Math.log(1 + BIN_ERROR);

/** The bin of a bin's own lower edge is that bin: its logarithm is whole but for rounding. */
const binOf = (seconds: number): number =>
  Math.floor(Math.log(Math.max(seconds, 1e-9)) / STEP + 1e-6);

function counted({ points, bins, undecided }: Observations): Map<string, number> {
  const counts = new Map<string, number>();
  const add = (seconds: number, outcome: string, count: number) => {
    const key = `${binOf(seconds)} ${outcome}`;
    counts.set(key, (counts.get(key) ?? 0) + count);
  };
  for (const [seconds, outcome] of points ?? []) add(seconds, outcome, 1);
  for (const { fromSeconds, outcome, count } of [...(bins ?? []), ...(undecided ?? [])]) {
    add(fromSeconds, outcome, count);
  }
  return counts;
}

/** Replaces what this source had said; a word without observations leaves them. */
export function storeObservations(db: Database, path: PathReport, source: string): void {
  if (path.observations === null) return;
  db.run('DELETE FROM observations WHERE path = ? AND source = ?', path.id, source);
  for (const [key, count] of counted(path.observations)) {
    const at = key.indexOf(' ');
    const sql = 'INSERT INTO observations VALUES (?, ?, ?, ?, ?)';
    db.run(sql, path.id, source, Number(key.slice(0, at)), key.slice(at + 1), count);
  }
}

const isUndecided = (outcome: string): boolean => outcome === 'open' || outcome === 'unobserved';

interface BinRow {
  readonly bin: number;
  readonly outcome: string;
  readonly count: number;
}

export function mergedObservations(db: Database, path: string): Observations {
  const rows = db.all<BinRow>(
    `SELECT bin, outcome, sum(count) AS count FROM observations WHERE path = ?
     GROUP BY bin, outcome ORDER BY bin, outcome`,
    path,
  );
  const all = rows.map(({ bin, outcome, count }) => ({
    fromSeconds: Math.exp(bin * STEP),
    untilSeconds: Math.exp((bin + 1) * STEP),
    outcome,
    count,
  }));
  return {
    points: null,
    bins: all.filter(({ outcome }) => !isUndecided(outcome)),
    undecided: all.filter(({ outcome }) => isUndecided(outcome)),
    binErrorShare: BIN_ERROR,
  };
}
