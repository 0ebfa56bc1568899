/**
 * One process a folder: a file that says who holds it. A holder that died, however it died, holds nothing, because the
 * note names the process with its start time.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from './errors.ts';
import { identify, isIdentity, isRunning, type ProcessIdentity } from './process-identity.ts';

export interface FolderLock {
  release(): void;
}

function holderOf(path: string): ProcessIdentity | null {
  try {
    const note: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isIdentity(note) ? note : null;
  } catch {
    return null;
  }
}

/** A link is made or fails as one step, and the note is whole from its first moment. */
function take(path: string, note: string): boolean {
  const own = `${path}.${process.pid}`;
  writeFileSync(own, note, { mode: 0o600 });
  try {
    linkSync(own, path);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw thrown;
  } finally {
    rmSync(own, { force: true });
  }
}

/** Moves a dead holder's note away; puts it back if it was meanwhile another's, who lives. */
function clear(path: string): void {
  const aside = `${path}.${process.pid}.old`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  const holder = holderOf(aside);
  if (holder !== null && isRunning(holder)) renameSync(aside, path);
  else rmSync(aside, { force: true });
}

/** Throws E_DATA_LOCKED while another process holds `folder` under this name. */
export function lockFolder(folder: string, name: string): FolderLock {
  const path = join(folder, `${name}.lock`);
  const note = JSON.stringify(identify(process.pid));
  for (let tries = 0; tries < 10; tries++) {
    if (take(path, note)) return { release: () => rmSync(path, { force: true }) };
    const holder = holderOf(path);
    if (holder !== null && isRunning(holder)) {
      throw new AppError(
        'E_DATA_LOCKED',
        `${folder} is used by process ${holder.pid}`,
        'stop that one, or give another folder with --data',
      );
    }
    clear(path);
  }
  throw new AppError('E_DATA_LOCKED', `${folder} cannot be locked`, 'start again');
}
