/** The working tree as the house rules see it: paths from the package's root, and their text. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface SourceFile {
  /** From the package's root, with slashes. */
  readonly path: string;
  readonly text: string;
}

export const ROOT = join(import.meta.dirname, '..', '..');

export const read = (path: string): SourceFile => ({
  path,
  text: readFileSync(join(ROOT, path), 'utf8'),
});

/** Files under a folder whose names end in one of `endings`; none when the folder is absent. */
export function under(folder: string, endings: readonly string[]): SourceFile[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1))
    .sort()
    .map(read);
}

/** Text files that git tracks (or null where this is no git checkout). Captures are left out. */
export function tracked(): SourceFile[] | null {
  if (!existsSync(join(ROOT, '.git'))) return null;
  const listed = execFileSync('git', ['-c', 'safe.directory=*', 'ls-files', '-z'], { cwd: ROOT });
  return listed
    .toString()
    .split('\0')
    .filter((path) => path !== '' && !/\.(pcap|pcapng|gz|zst|png)$/.test(path))
    .filter((path) => existsSync(join(ROOT, path)))
    .map(read);
}
