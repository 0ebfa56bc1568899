/**
 * The processes of the machine, as far as this user may see them. Those that end meanwhile are
 * left out.
 */
import { type Machine, textOf } from './machine.ts';

export interface Process {
  readonly pid: number;
  /** At most 15 bytes (proc_pid_comm(5)); threads and programs may call themselves anything. */
  readonly name: string;
  /** Of the real user; limits of processes count for it. */
  readonly uid: number;
  readonly threads: number;
  /** The container's short id, where its control group names one. */
  readonly container: string | null;
  /**
   * Paths in the control groups: that of version 2 and that of the pids controller of version 1.
   */
  readonly groups: { readonly unified: string | null; readonly pids: string | null };
}

/**
 * Docker, containerd, CRI-O and Podman put the 64 digits of the container into the name of its
 * group.
 */
const CONTAINER = /([0-9a-f]{64})/;
const SHORT_ID = 12;

function groupsOf(text: string): Process['groups'] {
  const path = (pattern: RegExp): string | null => pattern.exec(text)?.[1] ?? null;
  return { unified: path(/^0::(\/.*)$/m), pids: path(/^\d+:(?:[^:]*,)?pids(?:,[^:]*)?:(\/.*)$/m) };
}

const field = (status: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);

function processOf(machine: Machine, pid: number): Process | null {
  const status = textOf(machine.text(`/proc/${pid}/status`));
  if (status === null) return null;
  const groups = textOf(machine.text(`/proc/${pid}/cgroup`)) ?? '';
  return {
    pid,
    name: /^Name:\s+(.*)$/m.exec(status)?.[1] ?? '?',
    uid: field(status, 'Uid'),
    threads: field(status, 'Threads'),
    container: CONTAINER.exec(groups)?.[1]?.slice(0, SHORT_ID) ?? null,
    groups: groupsOf(groups),
  };
}

export function processesOf(machine: Machine): Process[] {
  return (machine.names('/proc') ?? [])
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b)
    .flatMap((pid) => processOf(machine, pid) ?? []);
}

export const nameOf = ({ name, pid }: Process): string => `${name} (pid ${pid})`;
