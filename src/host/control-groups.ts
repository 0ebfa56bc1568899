/**
 * The pids controller of control groups, version 2 and 1: how many processes and threads a service
 * may have.
 */
import { type Machine, numberIn, textOf } from './machine.ts';
import type { Process } from './processes.ts';

export interface ControlGroup {
  readonly path: string;
  readonly used: number;
  /** Null for "max": none. */
  readonly most: number | null;
  /** How often a fork was refused for it (pids.events, "max"). */
  readonly refused: number;
  /** A process in it, or below it. */
  readonly first: Process;
}

/** cgroups(7): the usual mount points; in a hybrid set-up version 2 has one of its own. */
const UNIFIED = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'];
const PIDS_V1 = ['/sys/fs/cgroup/pids'];

/** "/a/b" → "/a/b", "/a". The root has no limit. */
function upwards(path: string): string[] {
  const parts = path.split('/').filter(Boolean);
  return parts.map((_, i) => `/${parts.slice(0, parts.length - i).join('/')}`);
}

function groupAt(machine: Machine, folder: string, path: string, first: Process): ControlGroup[] {
  const used = numberIn(machine.text(`${folder}${path}/pids.current`));
  if (used === null) return [];
  const events = textOf(machine.text(`${folder}${path}/pids.events`)) ?? '';
  return [
    {
      path,
      used,
      most: numberIn(machine.text(`${folder}${path}/pids.max`)),
      refused: Number(/^max (\d+)/m.exec(events)?.[1] ?? 0),
      first,
    },
  ];
}

/** Those that limit something, or have refused. */
export function controlGroups(machine: Machine, processes: readonly Process[]): ControlGroup[] {
  const firsts = new Map<string, { folders: readonly string[]; path: string; first: Process }>();
  for (const process of processes) {
    const { unified, pids } = process.groups;
    const ways = [
      { folders: UNIFIED, from: unified },
      { folders: PIDS_V1, from: pids },
    ];
    for (const { folders, from } of ways) {
      for (const path of from === null ? [] : upwards(from)) {
        const key = `${folders[0]}${path}`;
        if (!firsts.has(key)) firsts.set(key, { folders, path, first: process });
      }
    }
  }
  return [...firsts.values()]
    .flatMap(({ folders, path, first }) =>
      folders.flatMap((folder) => groupAt(machine, folder, path, first)),
    )
    .filter(({ most, refused }) => most !== null || refused > 0);
}
