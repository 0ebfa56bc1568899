/**
 * Whose socket it is: /proc/PID/fd/N is a link to "socket:[inode]". Looking into the folder of
 * another user's process takes CAP_DAC_READ_SEARCH and CAP_SYS_PTRACE (proc_pid_fd(5)).
 */
import { type Descriptor, type Machine, textOf } from './machine.ts';
import type { Process } from './processes.ts';

export interface Owners {
  /** A socket that several processes share, as forking servers do, counts for the oldest. */
  readonly of: (inode: string) => Process | null;
  readonly descriptor: (inode: string) => Descriptor | null;
  /** Processes whose files this user may not see. */
  readonly hidden: number;
}

export function ownersOf(machine: Machine, processes: readonly Process[]): Owners {
  const owners = new Map<string, { readonly process: Process; readonly at: Descriptor }>();
  let hidden = 0;
  for (const process of processes) {
    const folder = `/proc/${process.pid}/fd`;
    const names = machine.names(folder);
    if (names === null) hidden++;
    for (const name of names ?? []) {
      const target = textOf(machine.link(`${folder}/${name}`)) ?? '';
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode === undefined || owners.has(inode)) continue;
      owners.set(inode, { process, at: { pid: process.pid, number: Number(name) } });
    }
  }
  return {
    of: (inode) => owners.get(inode)?.process ?? null,
    descriptor: (inode) => owners.get(inode)?.at ?? null,
    hidden,
  };
}
