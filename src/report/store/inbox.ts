/** What the inbox has dealt with: a file's identity → the job it became, or why it never will be one. */
import type { Database } from './database.ts';

export const isInInbox = (db: Database, key: string): boolean =>
  db.get('SELECT 1 FROM inbox WHERE key = ?', key) !== undefined;

export const noteInInbox = (
  db: Database,
  entry: {
    readonly key: string;
    readonly name: string;
    readonly job: string | null;
    readonly problem: string | null;
  },
  now: number,
): boolean =>
  db.run(
    'INSERT INTO inbox (key, name, job, problem, noted_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    entry.key,
    entry.name,
    entry.job,
    entry.problem,
    now,
  ) > 0;
