/**
 * Room for one more process or thread. "Cannot allocate memory" at fork is rarely about memory: it
 * is one of these limits, and the connection whose thread could not be started is closed.
 */
import {
  type Cure,
  finding,
  grouped,
  type HostFinding,
  type KindId,
  note,
  set,
} from './finding.ts';
import { type Machine, numberIn, textOf } from './machine.ts';
import { controlGroups, type ControlGroup } from './control-groups.ts';
import { nameOf, type Process } from './processes.ts';

export interface Limit {
  readonly kind: 'threads-max' | 'pid_max' | 'nproc' | 'commit';
  /** The user for nproc, else null. */
  readonly uid: number | null;
  readonly used: number;
  readonly most: number;
}

export interface Limits {
  readonly machine: readonly Limit[];
  readonly groups: readonly ControlGroup[];
}

/**
 * proc_loadavg(5): the fourth field is "runnable/existing" scheduling entities, which are threads.
 */
function threadsOf(machine: Machine): number | null {
  const text = textOf(machine.text('/proc/loadavg')) ?? '';
  const threads = /\d+\/(\d+)/.exec(text)?.[1];
  return threads === undefined ? null : Number(threads);
}

function threadLimits(machine: Machine): Limit[] {
  const used = threadsOf(machine);
  if (used === null) return [];
  const kinds = [
    ['threads-max', '/proc/sys/kernel/threads-max'],
    ['pid_max', '/proc/sys/kernel/pid_max'],
  ] as const;
  return kinds.flatMap(([kind, path]) => {
    const most = numberIn(machine.text(path));
    return most === null ? [] : [{ kind, uid: null, used, most }];
  });
}

/** proc_pid_limits(5); null for "unlimited". */
function softProcesses(machine: Machine, pid: number): number | null {
  const limits = textOf(machine.text(`/proc/${pid}/limits`)) ?? '';
  const soft = /^Max processes\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? null : Number(soft);
}

/**
 * RLIMIT_NPROC counts all threads of a real user; root is exempt (getrlimit(2)). The smallest of
 * his processes binds.
 */
function userLimits(machine: Machine, processes: readonly Process[]): Limit[] {
  const users = new Map<number, { used: number; most: number }>();
  for (const { uid, pid, threads } of processes) {
    if (uid === 0) continue;
    const user = users.get(uid) ?? { used: 0, most: Number.POSITIVE_INFINITY };
    const most = softProcesses(machine, pid) ?? Number.POSITIVE_INFINITY;
    users.set(uid, { used: user.used + threads, most: Math.min(user.most, most) });
  }
  return [...users]
    .filter(([, { most }]) => Number.isFinite(most))
    .map(([uid, { used, most }]) => ({ kind: 'nproc', uid, used, most }));
}

/** vm.overcommit_memory 2: never more than CommitLimit (overcommit-accounting.rst). Sizes in kB. */
const NEVER_OVERCOMMIT = 2;

function commitLimit(machine: Machine): Limit[] {
  if (numberIn(machine.text('/proc/sys/vm/overcommit_memory')) !== NEVER_OVERCOMMIT) return [];
  const memory = textOf(machine.text('/proc/meminfo')) ?? '';
  const size = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(memory)?.[1] ?? 0);
  const most = size('CommitLimit');
  return most === 0 ? [] : [{ kind: 'commit', uid: null, used: size('Committed_AS'), most }];
}

export const limitsOf = (machine: Machine, processes: readonly Process[]): Limits => ({
  machine: [...threadLimits(machine), ...userLimits(machine, processes), ...commitLimit(machine)],
  groups: controlGroups(machine, processes),
});

/** Chosen. */
const NEAR = 0.8;
const AT_THE_LIMIT = 0.95;

const percent = (share: number): string => `${Math.round(share * 100)} %`;

interface Words {
  readonly id: KindId;
  readonly what: string;
  readonly cure: Cure;
}

const WORDS: Readonly<Record<Limit['kind'], (limit: Limit) => Words>> = {
  'threads-max': ({ used, most }) => ({
    id: 'threads-near-limit',
    what: `${grouped(used)} threads of kernel.threads-max ${grouped(most)}`,
    cure: set(`sysctl -w kernel.threads-max=${2 * most}`),
  }),
  pid_max: ({ used, most }) => ({
    id: 'threads-near-limit',
    what: `${grouped(used)} threads, each with a pid, of kernel.pid_max ${grouped(most)}`,
    cure: set('sysctl -w kernel.pid_max=4194304'),
  }),
  nproc: ({ uid, used, most }) => ({
    id: 'nproc-near-limit',
    what:
      `user ${uid} has ${grouped(used)} threads, the smallest limit of its processes ` +
      `is ${grouped(most)}`,
    cure: note(
      'LimitNPROC=infinity in the unit of the service, or nproc in /etc/security/limits.conf',
    ),
  }),
  commit: ({ used, most }) => ({
    id: 'memory-commit-near-limit',
    what: `${grouped(used)} kB are promised of ${grouped(most)} kB (vm.overcommit_memory is 2)`,
    cure: note('vm.overcommit_memory 0, or more swap, or a higher vm.overcommit_ratio'),
  }),
};

function limitFinding(limit: Limit): HostFinding[] {
  const share = limit.used / limit.most;
  if (share < NEAR) return [];
  const { id, what, cure } = WORDS[limit.kind](limit);
  const severity = share < AT_THE_LIMIT ? 'warning' : 'critical';
  return [finding(id, { severity, what: `${what} (${percent(share)})`, cure: [cure] })];
}

function groupFindings({ path, used, most, refused, first }: ControlGroup): HostFinding[] {
  const at = [`${path}, ${nameOf(first)}`];
  const cure = [
    note(
      'TasksMax= in the unit of the service; docker run --pids-limit; podPidsLimit of the kubelet',
    ),
  ];
  const findings: HostFinding[] = [];
  const share = most === null ? 0 : used / most;
  if (most !== null && share >= NEAR) {
    const severity = share < AT_THE_LIMIT ? 'warning' : 'critical';
    const what =
      `${grouped(used)} processes and threads of pids.max ${grouped(most)} ` +
      `(${percent(share)})`;
    findings.push(finding('pids-near-limit', { severity, what, at, cure }));
  }
  if (refused > 0) {
    const what =
      `refused ${grouped(refused)} times to start a process or thread: pids.max is ` +
      `${most ?? 'max now'}`;
    findings.push(finding('pids-limit-hit', { severity: 'critical', what, at, cure }));
  }
  return findings;
}

export const limitFindings = ({ machine, groups }: Limits): HostFinding[] => [
  ...machine.flatMap(limitFinding),
  ...groups.flatMap(groupFindings),
];
