/**
 * `--carve DIR`: a pcapng a finding, whole at every moment: it is written beside its name and renamed. A file that was
 * there before this run is never written over.
 */
import { accessSync, constants, existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from './base/errors.ts';
import { makeFolder } from './base/folder.ts';
import type { Outlet } from './watch-outlet.ts';

function cannotWrite(folder: string, cause: unknown): AppError {
  const { code = 'failed' } = cause as NodeJS.ErrnoException;
  const what = `cannot write into ${folder}: ${code}`;
  return new AppError('E_OUTPUT', what, 'give --carve a folder that may be written', cause);
}

/** `complain` is told once of each kind of failure: a full disk must not end the capture. */
export function carveInto(folder: string, complain: (what: string) => void): Outlet {
  const names = new Map<string, string>();
  const complained = new Set<string>();
  try {
    makeFolder(folder);
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    throw cannotWrite(folder, cause);
  }

  /** The first name that nobody had before us. */
  const nameOf = (id: string): string => {
    const known = names.get(id);
    if (known !== undefined) return known;
    let name = `${id}.pcapng`;
    for (let n = 2; existsSync(join(folder, name)); n++) name = `${id}-${n}.pcapng`;
    names.set(id, name);
    return name;
  };

  const write = (id: string, bytes: Uint8Array): void => {
    const path = join(folder, nameOf(id));
    try {
      writeFileSync(`${path}.part`, bytes);
      renameSync(`${path}.part`, path);
    } catch (cause) {
      const { message } = cannotWrite(folder, cause);
      if (!complained.has(message)) complain(message);
      complained.add(message);
    }
  };

  return {
    findings(_, evidence) {
      for (const [id, bytes] of evidence) write(id, bytes);
    },
    paths: () => {},
    heartbeat: () => {},
    close: () => Promise.resolve(),
  };
}
