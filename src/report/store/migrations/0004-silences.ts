/** Silences by outcome, of every source: a capture (by its content) or an agent. What it says anew replaces what it said. */
import type { Migration } from '../migrate.ts';

export const silenceTable: Migration = {
  name: 'silences',
  sql: `
  CREATE TABLE silences (
    source TEXT PRIMARY KEY,
    survived INTEGER NOT NULL,
    killed INTEGER NOT NULL,
    closed INTEGER NOT NULL,
    open INTEGER NOT NULL,
    unobserved INTEGER NOT NULL,
    stored_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;`,
};
