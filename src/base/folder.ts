/** Makes a folder with its parents, or says why not. */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const isFolder = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/**
 * Each missing parent once. Node's own recursive mkdir (20.20) never ends below /proc, whose
 * ENOENT for a new name it takes for a missing parent.
 */
export function makeFolder(folder: string, mode: number = 0o777): void {
  if (isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent, mode);
  try {
    mkdirSync(folder, { mode });
  } catch (cause) {
    if (!isFolder(folder)) throw cause;
  }
}
