/**
 * The store's layout only goes forward, one numbered step at a time, each in a transaction of its own; PRAGMA
 * user_version says how far a file is. Several processes may open a new file at once: the one that gets the write lock
 * does the work, the others find it done.
 */
import { AppError } from '../../base/errors.ts';
import type { Database } from './database.ts';
import { firstTables } from './migrations/0001-first-tables.ts';
import { webhookTables } from './migrations/0002-webhooks.ts';
import { inboxTable } from './migrations/0003-inbox.ts';
import { silenceTable } from './migrations/0004-silences.ts';
import { tallyTables } from './migrations/0005-tallies.ts';

export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** In order, never changed once released: a file of version n has had the first n. */
export const MIGRATIONS: readonly Migration[] = [
  firstTables,
  webhookTables,
  inboxTable,
  silenceTable,
  tallyTables,
];

const versionOf = (db: Database): number =>
  db.get<{ user_version: number }>('PRAGMA user_version')?.user_version ?? 0;

function refuseNewer(version: number): void {
  if (version <= MIGRATIONS.length) return;
  throw new AppError(
    'E_STORE_NEWER',
    `the store has layout ${version}; this deadair knows ${MIGRATIONS.length}`,
    'start the version of deadair that wrote it, or give another --data',
  );
}

export function migrate(db: Database): void {
  refuseNewer(versionOf(db));
  if (versionOf(db) === MIGRATIONS.length) return;
  db.transaction(() => {
    // Again, under the lock: another process may have been faster.
    for (const { sql } of MIGRATIONS.slice(versionOf(db))) db.script(sql);
    db.script(`PRAGMA user_version = ${MIGRATIONS.length}`);
  });
}
