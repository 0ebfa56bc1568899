/** Files of the inbox that were dealt with, by device, inode, size and time of change. */
import type { Migration } from '../migrate.ts';

export const inboxTable: Migration = {
  name: 'inbox',
  sql: `
  CREATE TABLE inbox (
    key TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    job TEXT,
    problem TEXT,
    noted_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX inbox_by_time ON inbox (noted_at);`,
};
