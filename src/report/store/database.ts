/**
 * The store is one SQLite file in the data directory, opened by every process of the service on this host: the API
 * reads it, the reporter and the webhook sender write it. This module is the only door to libsql.
 *
 * What is committed is on the disk (WAL with synchronous=FULL: a commit is one fsync), because a caller who was
 * answered 202 may be told nothing more. A writer waits up to 5 s for another; write transactions begin IMMEDIATE, so
 * that they wait there and never fail half way (SQLITE_BUSY_SNAPSHOT). Rows are read whole, never through an open
 * cursor: one that is not run to its end would hold the snapshot, and the WAL could not be truncated.
 */
import { chmodSync, closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import Libsql from 'libsql';
import { AppError } from '../../base/errors.ts';
import { makeFolder } from '../../base/folder.ts';
import { migrate } from './migrate.ts';

/** JSON is stored as text; a blob comes back as an ArrayBuffer. */
export type Value = string | number | null | Uint8Array;

export const STORE_FILE = 'deadair.db';
const BUSY_MS = 5000;
/**
 * Chosen: 16 MiB. Whoever's commit makes the WAL longer copies it into the file and waits for the disk meanwhile; at SQLite's
 * own 1000 pages that is every few hundred findings.
 */
const WAL_PAGES = 4000;
/** Chosen: more different statements than all of the API's filters make. */
const STATEMENTS_KEPT = 512;

type Statement = ReturnType<Libsql.Database['prepare']>;

export class Database {
  readonly path: string;
  readonly #db: Libsql.Database;
  readonly #statements = new Map<string, Statement>();
  #closed = false;

  constructor(path: string) {
    this.path = path;
    this.#db = new Libsql(path);
  }

  /** libsql ends the process (a panic of its Rust) when it is asked something after its close. */
  get #open(): Libsql.Database {
    if (this.#closed) throw new Error('the store is closed');
    return this.#db;
  }

  #prepared(sql: string): Statement {
    const open = this.#open;
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    if (this.#statements.size >= STATEMENTS_KEPT) this.#statements.clear();
    const fresh = open.prepare(sql);
    this.#statements.set(sql, fresh);
    return fresh;
  }

  all<Row>(sql: string, ...values: readonly Value[]): Row[] {
    return this.#prepared(sql).all(values) as Row[];
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as `all`: SQL has no types
  get<Row>(sql: string, ...values: readonly Value[]): Row | undefined {
    return this.all<Row>(sql, ...values)[0];
  }

  /** How many rows changed. */
  run(sql: string, ...values: readonly Value[]): number {
    return this.#prepared(sql).run(values).changes;
  }

  /** Several statements, none of which takes values. */
  script(sql: string): void {
    this.#open.exec(sql);
  }

  /** All or nothing; inside of another one it is part of that one. */
  transaction<T>(work: () => T): T {
    if (this.#open.inTransaction) return work();
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const answer = work();
      this.#db.exec('COMMIT');
      return answer;
    } catch (thrown) {
      // A full disk may have rolled it back already.
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
      throw thrown;
    }
  }

  /** Moves whenever another connection committed: the cheap way to learn that something is new. */
  dataVersion(): number {
    return this.get<{ data_version: number }>('PRAGMA data_version')?.data_version ?? 0;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#statements.clear();
    this.#db.close();
  }
}

/** The file and its folder belong to this user alone. SQLite gives -wal and -shm the rights of the file. */
function ownFile(folder: string): string {
  makeFolder(folder, 0o700);
  chmodSync(folder, 0o700);
  const path = join(folder, STORE_FILE);
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
  return path;
}

const isBusy = (thrown: unknown): boolean =>
  ((thrown as { code?: string }).code ?? '').startsWith('SQLITE_BUSY');

/**
 * Going over to WAL needs the file alone, and SQLite's busy handler is not asked where waiting might be a deadlock:
 * of several processes that open a new file at once all but one are refused at once.
 */
function patiently(work: () => void): void {
  const until = performance.now() + BUSY_MS;
  for (;;) {
    try {
      work();
      return;
    } catch (thrown) {
      if (!isBusy(thrown) || performance.now() > until) throw thrown;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/**
 * `disk`: what is committed survives a power cut. `file`: it survives every kill, and a power cut takes the newest
 * transactions back, whole; for who has told nobody of them and would do them again.
 */
export type Durable = 'disk' | 'file';

function prepareConnection(db: Database, durable: Durable): void {
  db.all(`PRAGMA busy_timeout = ${BUSY_MS}`);
  patiently(() => {
    db.all('PRAGMA auto_vacuum = INCREMENTAL');
    db.all('PRAGMA journal_mode = WAL');
  });
  db.all(`PRAGMA synchronous = ${durable === 'disk' ? 'FULL' : 'NORMAL'}`);
  db.all(`PRAGMA wal_autocheckpoint = ${WAL_PAGES}`);
  db.all('PRAGMA foreign_keys = ON');
  db.all('PRAGMA temp_store = MEMORY');
}

const cannotOpen = (folder: string, cause: unknown): AppError =>
  new AppError(
    'E_STORE',
    `the store in ${folder} cannot be opened: ${cause instanceof Error ? cause.message : String(cause)}`,
    'check the data directory, its rights and the free space; a damaged file can be replaced by a backup',
    cause,
  );

/**
 * Opens the store of a data directory, made and brought up to date where it is not. Throws E_STORE where that cannot
 * be, E_STORE_NEWER where a later version of deadair has written it.
 */
export function openDatabase(folder: string, durable: Durable = 'disk'): Database {
  let db: Database | null = null;
  try {
    db = new Database(ownFile(folder));
    prepareConnection(db, durable);
    migrate(db);
    return db;
  } catch (thrown) {
    db?.close();
    if (thrown instanceof AppError) throw thrown;
    throw cannotOpen(folder, thrown);
  }
}
