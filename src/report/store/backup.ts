/**
 * A copy of the store while it is in use: VACUUM INTO reads one snapshot and writes a file without gaps. The copy is
 * checked and on the disk before it has its name. Captures and reports are files beside the store, and not in it.
 */
import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError } from '../../base/errors.ts';
import { Database, STORE_FILE } from './database.ts';
import { syncFolder } from './places.ts';

const failed = (what: string, hint: string, cause?: unknown): AppError =>
  new AppError('E_BACKUP', what, hint, cause);

function copyTo(source: string, part: string): void {
  const db = new Database(source);
  try {
    db.all('PRAGMA busy_timeout = 5000');
    db.run('VACUUM INTO ?', part);
  } finally {
    db.close();
  }
}

function check(part: string): number {
  const copy = new Database(part);
  try {
    const verdict = copy.get<{ quick_check: string }>('PRAGMA quick_check')?.quick_check;
    if (verdict !== 'ok') throw failed(`the copy is damaged: ${verdict}`, 'is the disk healthy?');
    return copy.get<{ n: number }>('SELECT count(*) AS n FROM findings')?.n ?? 0;
  } finally {
    copy.close();
  }
}

/** How many findings are in it. Throws E_BACKUP. It blocks: for a process or thread of its own. */
export function backUp(data: string, destination: string): number {
  const source = join(data, STORE_FILE);
  if (!existsSync(source))
    throw failed(`there is no store in ${data}`, 'name the data directory with --data');
  if (existsSync(destination))
    throw failed(
      `${destination} exists already`,
      'a backup never replaces anything: give another name',
    );
  const part = `${destination}.${process.pid}.part`;
  try {
    // Made by us first: VACUUM INTO would give it the rights of the umask.
    closeSync(openSync(part, 'wx', 0o600));
    copyTo(source, part);
    chmodSync(part, 0o600);
    const findings = check(part);
    const descriptor = openSync(part, 'r');
    fsyncSync(descriptor);
    closeSync(descriptor);
    renameSync(part, destination);
    syncFolder(dirname(destination));
    return findings;
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    const { message } = thrown as Error;
    throw failed(
      `the backup failed: ${message}`,
      'check the folder, its rights and the free space',
      thrown,
    );
  } finally {
    rmSync(part, { force: true });
  }
}
