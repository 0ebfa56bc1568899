/**
 * What /metrics counts, kept as it changes instead of counted when somebody asks: a store may hold millions of rows.
 * Triggers keep them, so that no statement can forget to, and the transaction that changes a row changes its count.
 */
import type { Migration } from '../migrate.ts';

/**
 * Seconds, around the timers that boxes are known to have: bounds of the histogram of silences. Part of the layout: other
 * bounds are another migration, which counts anew.
 */
export const BOUNDS = [5, 10, 20, 30, 60, 120, 180, 300, 350, 600, 900, 1800, 3600, 7200, 86_400];

const bucketOf = (seconds: string): string =>
  `CASE ${BOUNDS.map((bound, at) => `WHEN ${seconds} <= ${bound} THEN ${at}`).join(' ')} ELSE ${BOUNDS.length} END`;

const more = (row: string): string => `
    INSERT INTO finding_tallies
      VALUES (${row}.verdict, ${row}.signature, ${bucketOf(`${row}.silence_seconds`)}, 1, ${row}.silence_seconds)
      ON CONFLICT DO UPDATE SET n = n + 1, seconds = seconds + excluded.seconds;`;

const less = (row: string): string => `
    UPDATE finding_tallies SET n = n - 1, seconds = seconds - ${row}.silence_seconds
      WHERE verdict = ${row}.verdict AND signature = ${row}.signature
        AND bucket = ${bucketOf(`${row}.silence_seconds`)};`;

const FINDINGS = `
  CREATE TABLE finding_tallies (
    verdict TEXT NOT NULL,
    signature TEXT NOT NULL,
    bucket INTEGER NOT NULL,
    n INTEGER NOT NULL,
    seconds REAL NOT NULL,
    PRIMARY KEY (verdict, signature, bucket)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO finding_tallies
    SELECT verdict, signature, ${bucketOf('silence_seconds')} AS bucket, count(*), sum(silence_seconds)
    FROM findings GROUP BY verdict, signature, bucket;
  CREATE TRIGGER findings_tallied_in AFTER INSERT ON findings BEGIN${more('NEW')}
  END;
  CREATE TRIGGER findings_tallied_out AFTER DELETE ON findings BEGIN${less('OLD')}
  END;
  CREATE TRIGGER findings_tallied_anew AFTER UPDATE OF verdict, signature, silence_seconds ON findings
  WHEN OLD.verdict <> NEW.verdict OR OLD.signature <> NEW.signature OR OLD.silence_seconds <> NEW.silence_seconds
  BEGIN${less('OLD')}${more('NEW')}
  END;
  DROP INDEX findings_by_silence;`;

const moreOf = (table: string): string => `
    INSERT INTO state_tallies VALUES ('${table}', NEW.state, 1) ON CONFLICT DO UPDATE SET n = n + 1;`;

const lessOf = (table: string): string => `
    UPDATE state_tallies SET n = n - 1 WHERE rows = '${table}' AND state = OLD.state;`;

const statesOf = (table: string): string => `
  INSERT INTO state_tallies SELECT '${table}', state, count(*) FROM ${table} GROUP BY state;
  CREATE TRIGGER ${table}_tallied_in AFTER INSERT ON ${table} BEGIN${moreOf(table)}
  END;
  CREATE TRIGGER ${table}_tallied_out AFTER DELETE ON ${table} BEGIN${lessOf(table)}
  END;
  CREATE TRIGGER ${table}_tallied_anew AFTER UPDATE OF state ON ${table} WHEN OLD.state <> NEW.state
  BEGIN${lessOf(table)}${moreOf(table)}
  END;`;

const STATES = `
  CREATE TABLE state_tallies (
    rows TEXT NOT NULL,
    state TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (rows, state)
  ) STRICT, WITHOUT ROWID;
  ${statesOf('jobs')}
  ${statesOf('deliveries')}
  DROP INDEX deliveries_by_state;`;

export const tallyTables: Migration = { name: 'tallies', sql: [FINDINGS, STATES].join('\n') };
