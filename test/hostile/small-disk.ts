/**
 * A service whose data directory is a small tmpfs in a mount namespace of its own: nobody else sees it, and it is gone
 * with the last process in it. From here its files are reached through /proc/PID/root (proc(5)).
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { withFolder } from '../kit/temporary.ts';
import { type Target, targetOn } from './serve.ts';

const MOUNT = 'mount -t tmpfs -o size="$0",mode=700 none "$1" && shift && exec "$@"';

/** Words in front of a command that shall have `folder` as a disk of `mib`. */
export const onSmallDisk = (folder: string, mib: number): readonly string[] => [
  ...['unshare', '-m', 'sh', '-c', MOUNT, `${mib}m`, folder],
];

export const canMount =
  spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt'], { stdio: 'ignore' })
    .status === 0;

export interface Disk {
  /** The data directory, as this process reaches it. */
  readonly inside: string;
  /** Takes what room there is, to the last page. */
  fill(): void;
  /** Gives it back. */
  free(): void;
}

export function diskOf(pid: number, folder: string): Disk {
  const inside = `/proc/${pid}/root${folder}`;
  const filler = join(inside, 'filler');
  return {
    inside,
    fill() {
      const file = openSync(filler, 'a');
      try {
        for (const size of [2 ** 20, 4096]) while (takes(file, Buffer.alloc(size, 1)));
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(filler, { force: true }),
  };
}

/** False: the disk is full. */
function takes(file: number, bytes: Buffer): boolean {
  try {
    return writeSync(file, bytes) > 0;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw thrown;
  }
}

export const withSmallDisk = (
  mib: number,
  flags: readonly string[],
  use: (target: Target, disk: Disk) => Promise<void>,
): Promise<void> =>
  withFolder(async (folder) => {
    const data = join(folder, 'data');
    mkdirSync(data);
    const target = await targetOn(folder, data, { flags, start: { by: onSmallDisk(data, mib) } });
    try {
      await use(target, diskOf(target.service.pid, data));
    } finally {
      await target.service.killAll();
    }
  });
