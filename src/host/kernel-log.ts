/**
 * What the kernel wrote about this machine: tasks that hung, tables that were full, forks that
 * were refused.
 */
import {
  type Cure,
  counted,
  finding,
  type HostFinding,
  listed,
  note,
  type KindId,
  type NotSeen,
} from './finding.ts';
import { type Machine, textOf } from './machine.ts';

interface Sign {
  readonly id: KindId;
  /** What stands behind it names who: the first group. */
  readonly pattern: RegExp;
  readonly says: (times: number) => string;
  readonly cure: readonly Cure[];
}

/**
 * The words of the kernel's own sources: hung_task.c, nf_conntrack_core.c, cgroup/pids.c,
 * oom_kill.c.
 */
const SIGNS: readonly Sign[] = [
  {
    id: 'hung-tasks',
    pattern: /task (\S+:\d+) blocked for more than \d+ seconds/,
    says: (times) => `a task hung for two minutes or more, ${counted(times, 'report')}`,
    cure: [
      note(
        'what it waited for: the call trace behind the line, journalctl -k; then the ' +
          'disk: iostat -x 1',
      ),
    ],
  },
  {
    id: 'conntrack-full-logged',
    pattern: /nf_conntrack: table full, dropping packet/,
    says: (times) => `"nf_conntrack: table full, dropping packet", ${counted(times, 'line')}`,
    cure: [note('sysctl -w net.netfilter.nf_conntrack_max=… (twice what it is)')],
  },
  {
    id: 'fork-rejected-logged',
    pattern: /cgroup: fork rejected by pids controller in (\S+)/,
    says: (times) => `"fork rejected by pids controller", ${counted(times, 'line')}`,
    cure: [note('TasksMax= in the unit of the service; docker run --pids-limit')],
  },
  {
    id: 'oom-killed',
    pattern: /Killed process (\d+ \([^)]*\))/,
    says: (times) =>
      `the kernel killed ${counted(times, 'process', 'processes')} for want of memory`,
    cure: [note('give the service less to do or more memory: MemoryMax=, the limits of its pod')],
  },
];

export interface KernelLog {
  /** Null: it may not be read. */
  readonly lines: number | null;
  readonly signs: readonly {
    readonly id: KindId;
    readonly times: number;
    readonly who: readonly string[];
    /** The first and the last line, as the kernel wrote them. */
    readonly first: string;
    readonly last: string;
  }[];
}

/** Without CAP_SYSLOG the journal still shows it to members of adm and systemd-journal. */
async function logText(machine: Machine): Promise<string | null> {
  const ring = textOf(await machine.run('dmesg', []));
  if (ring !== null) return ring;
  const journal = await machine.run('journalctl', ['-k', '-b', '-q', '--no-pager', '-n', '20000']);
  const text = textOf(journal);
  return text === null || text.trim() === '' ? null : text;
}

function signsIn(lines: readonly string[]): KernelLog['signs'] {
  return SIGNS.flatMap(({ id, pattern }) => {
    const hits = lines.filter((line) => pattern.test(line));
    const [first] = hits;
    if (first === undefined) return [];
    const who = new Set(hits.flatMap((line) => pattern.exec(line)?.[1] ?? []));
    return [{ id, times: hits.length, who: [...who], first, last: hits.at(-1) ?? first }];
  });
}

export async function kernelLogOf(machine: Machine): Promise<KernelLog> {
  const text = await logText(machine);
  if (text === null) return { lines: null, signs: [] };
  const lines = text.split('\n').filter(Boolean);
  return { lines: lines.length, signs: signsIn(lines) };
}

/** Chosen: what a line can hold. */
const NAMED = 5;

export function kernelLogFindings({ signs }: KernelLog): HostFinding[] {
  return SIGNS.flatMap(({ id, says, cure }) => {
    const sign = signs.find((each) => each.id === id);
    if (sign === undefined) return [];
    const what = `${says(sign.times)}; the last: ${sign.last.trim()}`;
    return [finding(id, { severity: 'critical', what, at: listed(sign.who, NAMED), cure })];
  });
}

export const kernelLogNotSeen = ({ lines }: KernelLog): NotSeen[] =>
  lines === null
    ? [
        {
          what: 'the kernel log: hung tasks, a full connection table, refused forks',
          needs: 'CAP_SYSLOG, or membership in the group systemd-journal',
        },
      ]
    : [];
