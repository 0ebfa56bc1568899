/** A store of the test's own, and findings and paths as real reports have them, with names of the test's choice. */
import type { Batch } from '../../src/report/intake/batch.ts';
import type { FindingReport, PathReport } from '../../src/report/schema.ts';
import { type Database, openDatabase } from '../../src/report/store/database.ts';
import { report } from '../../src/report/document.ts';
import { analysis, twelve } from '../report/analyses.ts';
import { withFolder } from './temporary.ts';

export const withStore = <T>(use: (db: Database, folder: string) => Promise<T> | T): Promise<T> =>
  withFolder(async (folder) => {
    const db = openDatabase(folder);
    try {
      return await use(db, folder);
    } finally {
      db.close();
    }
  });

const sample = report(analysis(twelve()), 100);

type Changes<T> = { readonly [K in keyof T]?: T[K] extends object ? Partial<T[K]> : T[K] };

/** A finding of a real report, changed one level deep. */
export function aFinding(id: string, changes: Changes<FindingReport> = {}): FindingReport {
  const base = sample.findings[0];
  if (base === undefined) throw new Error('the sample has no finding');
  const merged: Record<string, unknown> = { ...base, path: 'p_1', id };
  for (const [key, value] of Object.entries(changes)) {
    const former = merged[key];
    const deep = typeof value === 'object' && value !== null && !Array.isArray(value);
    merged[key] = deep ? { ...(former as object), ...value } : value;
  }
  return merged as FindingReport;
}

export function aPath(id: string, changes: Changes<PathReport> = {}): PathReport {
  const base = sample.paths[0];
  if (base === undefined) throw new Error('the sample has no path');
  const { timeout = {}, ...rest } = changes;
  return { ...base, ...rest, id, timeout: { ...base.timeout, ...timeout } } as PathReport;
}

let batches = 0;

export const aBatch = (changes: Partial<Batch> = {}): Batch => ({
  v: 1,
  id: `b_${++batches}`,
  from: { kind: 'agent', agent: 'gw1', host: 'gateway-1' },
  sentAt: '2026-03-01T12:00:00Z',
  findings: [],
  paths: [],
  evidence: [],
  ...changes,
});
