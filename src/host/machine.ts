/**
 * The one way in which this stage looks at a machine: files under /proc and /sys, and a few
 * programs that print what no file shows. Nothing is written and nothing is changed. What a user
 * may not see is told apart from what is not there, because the report says which capability would
 * show it. A made-up machine in a folder answers in the same way.
 */
import { execFile } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { addon, type NativeKeepalive, type NativeRings } from '../capture/addon.ts';

export type Seen =
  | { readonly is: 'there'; readonly text: string }
  | { readonly is: 'denied' }
  | { readonly is: 'absent' };

export interface Descriptor {
  readonly pid: number;
  readonly number: number;
}

export interface Machine {
  readonly text: (path: string) => Seen;
  /** The first bytes only, where the rest would cost the machine something. */
  readonly head: (path: string, bytes: number) => Seen;
  readonly link: (path: string) => Seen;
  /** Names in a folder, none where it is absent; null where this user may not look. */
  readonly names: (path: string) => readonly string[] | null;
  readonly run: (program: string, args: readonly string[]) => Promise<Seen>;
  /** What the driver of a network card says of its rings; null where it cannot be asked. */
  readonly rings: (interfaceName: string) => NativeRings | null;
  /** What a socket of a process is set to; null where that may not be seen (pidfd_getfd(2)). */
  readonly keepalive: (at: Descriptor, inode: string) => NativeKeepalive | null;
}

const ABSENT: Seen = { is: 'absent' };
const DENIED: Seen = { is: 'denied' };

const mayNot = (thrown: unknown): boolean => {
  const { code } = thrown as NodeJS.ErrnoException;
  return code === 'EACCES' || code === 'EPERM';
};

function seen(look: () => string): Seen {
  try {
    return { is: 'there', text: look() };
  } catch (thrown) {
    return mayNot(thrown) ? DENIED : ABSENT;
  }
}

function headOf(path: string, bytes: number): string {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(bytes);
    return buffer.toString('utf8', 0, readSync(file, buffer, 0, bytes, 0));
  } finally {
    closeSync(file);
  }
}

function namesIn(path: string): readonly string[] | null {
  try {
    return readdirSync(path);
  } catch (thrown) {
    return mayNot(thrown) ? null : [];
  }
}

/** Chosen: a program that hangs must not hang the doctor. */
const PATIENCE_MS = 5000;
const MOST_OUTPUT = 64 << 20;

/**
 * Whatever was printed counts, whatever the exit status: grep says 2 when one file of many is
 * absent.
 */
function run(program: string, args: readonly string[], signal?: AbortSignal): Promise<Seen> {
  const options = {
    ...(signal === undefined ? {} : { signal }),
    timeout: PATIENCE_MS,
    maxBuffer: MOST_OUTPUT,
    env: { ...process.env, LC_ALL: 'C' },
  };
  return new Promise((resolve) => {
    execFile(program, [...args], options, (error, stdout) => {
      if (error === null || stdout !== '') resolve({ is: 'there', text: stdout });
      else resolve(error.code === 'ENOENT' ? ABSENT : DENIED);
    });
  });
}

/** A doctor without its addon still sees all the rest. */
function rings(name: string): NativeRings | null {
  try {
    return addon().ringsOf(name);
  } catch {
    return null;
  }
}

function keepalive({ pid, number }: Descriptor, inode: string): NativeKeepalive | null {
  try {
    return addon().keepaliveOf(pid, number, BigInt(inode));
  } catch {
    return null;
  }
}

/**
 * `root` stands before every path: a folder that holds a made-up proc and sys, in which no program
 * runs. `signal` ends programs that still run.
 */
export function machineAt(root = '', signal?: AbortSignal): Machine {
  return {
    text: (path) => seen(() => readFileSync(root + path, 'utf8')),
    head: (path, bytes) => seen(() => headOf(root + path, bytes)),
    link: (path) => seen(() => readlinkSync(root + path)),
    names: (path) => namesIn(root + path),
    run: (program, args) => (root === '' ? run(program, args, signal) : Promise.resolve(ABSENT)),
    rings: (name) => (root === '' ? rings(name) : null),
    keepalive: (at, inode) => (root === '' ? keepalive(at, inode) : null),
  };
}

export const textOf = (what: Seen): string | null => (what.is === 'there' ? what.text : null);

/** A file that holds one whole number, as most below /proc/sys; null where there is none to see. */
export function numberIn(what: Seen): number | null {
  const text = textOf(what)?.trim() ?? '';
  return /^\d+$/.test(text) ? Number(text) : null;
}
