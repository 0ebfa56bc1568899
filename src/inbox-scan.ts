/**
 * Which files of an inbox are finished: captures that something rotates into a folder, while it still writes the last.
 *
 * A file is finished when its size and time have not moved for a while and no process of this host has it open for
 * writing. A recorder in another container or on another machine is not seen there: for those the while is all there
 * is, so it is long, and a recorder that renames its finished files into the inbox needs neither.
 */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

export interface InboxFile {
  readonly path: string;
  readonly name: string;
  /** The same file, unchanged, whatever it is called: a rotation may rename it. */
  readonly key: string;
  readonly bytes: number;
  readonly changedAtMs: number;
}

/** Names of files that are being written, by the habit of downloaders, editors and rsync. */
const UNFINISHED = /^\.|(?:\.part|\.tmp|\.partial|~)$/;

function fileAt(folder: string, name: string): InboxFile | null {
  const path = join(folder, name);
  try {
    // A link could lead anywhere: what an inbox offers lies in it.
    const facts = lstatSync(path, { bigint: true });
    if (!facts.isFile() || facts.size === 0n) return null;
    const key = [facts.dev, facts.ino, facts.size, facts.mtimeNs].join('-');
    return { path, name, key, bytes: Number(facts.size), changedAtMs: Number(facts.mtimeMs) };
  } catch {
    // Renamed or removed since it was listed.
    return null;
  }
}

/** Regular files of a folder, oldest first. Throws what readdir throws. */
export function filesIn(folder: string): InboxFile[] {
  return readdirSync(folder)
    .filter((name) => !UNFINISHED.test(name))
    .map((name) => fileAt(folder, name))
    .filter((file) => file !== null)
    .sort((a, b) => a.changedAtMs - b.changedAtMs || (a.name < b.name ? -1 : 1));
}

/** O_WRONLY or O_RDWR in the octal flags of /proc/PID/fdinfo/N (proc(5)). */
function opensForWriting(process: string, descriptor: string): boolean {
  const info = readFileSync(join('/proc', process, 'fdinfo', descriptor), 'utf8');
  const flags = /^flags:\s*([0-7]+)/m.exec(info)?.[1] ?? '0';
  return (Number.parseInt(flags, 8) & 3) !== 0;
}

function writtenBy(process: string, wanted: ReadonlySet<string>, found: Set<string>): void {
  try {
    for (const descriptor of readdirSync(join('/proc', process, 'fd'))) {
      const target = readlinkSync(join('/proc', process, 'fd', descriptor));
      if (wanted.has(target) && opensForWriting(process, descriptor)) found.add(target);
    }
  } catch {
    // The process is gone, or another user's: what cannot be seen is left to the while.
  }
}

/** Of these absolute paths, the ones that a process of this host has open for writing. */
export function openForWriting(paths: readonly string[]): ReadonlySet<string> {
  const wanted = new Set(paths);
  const found = new Set<string>();
  if (wanted.size === 0) return found;
  for (const process of readdirSync('/proc')) {
    if (/^\d+$/.test(process)) writtenBy(process, wanted, found);
  }
  return found;
}

/** Those that have rested for `restMs` at `nowMs` and that nobody writes. */
export function finished(files: readonly InboxFile[], restMs: number, nowMs: number): InboxFile[] {
  const rested = files.filter(({ changedAtMs }) => nowMs - changedAtMs >= restMs);
  const written = openForWriting(rested.map(({ path }) => path));
  return rested.filter(({ path }) => !written.has(path));
}
