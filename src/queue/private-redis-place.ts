/**
 * Where a private Redis lives: its folder, its socket, and the note by which a later process finds it again.
 */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isIdentity, type ProcessIdentity } from '../base/process-identity.ts';

/** sockaddr_un: 108 bytes, the closing zero included (unix(7)). */
const LONGEST_SOCKET = 107;

export interface RedisNote {
  readonly process: ProcessIdentity;
  readonly socket: string;
}

const notePath = (folder: string): string => join(folder, 'redis.json');

export function redisFolder(data: string): string {
  const folder = join(data, 'redis');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  return folder;
}

/** In the folder, or, where that path is too long, in a fresh folder of the run-time or temporary one. */
export function socketIn(
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const near = join(folder, 'redis.sock');
  if (Buffer.byteLength(near) <= LONGEST_SOCKET) return near;
  const base = env['XDG_RUNTIME_DIR'] ?? tmpdir();
  return join(mkdtempSync(join(base, 'deadair-')), 'redis.sock');
}

export function readNote(folder: string): RedisNote | null {
  try {
    const note = JSON.parse(readFileSync(notePath(folder), 'utf8')) as Partial<RedisNote>;
    return isIdentity(note.process) && typeof note.socket === 'string' ? (note as RedisNote) : null;
  } catch {
    return null;
  }
}

export function writeNote(folder: string, note: RedisNote): void {
  const part = `${notePath(folder)}.part`;
  writeFileSync(part, JSON.stringify(note), { mode: 0o600 });
  renameSync(part, notePath(folder));
}

export const forgetNote = (folder: string): void => rmSync(notePath(folder), { force: true });
