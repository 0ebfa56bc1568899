/**
 * The connection table of netfilter: this host as a box that forgets connections, or is too full
 * to remember them.
 */
import {
  counted,
  type Cure,
  finding,
  grouped,
  type HostFinding,
  note,
  set,
  type Severity,
} from './finding.ts';
import { type Machine, textOf } from './machine.ts';
import { type Namespace, netFolder, type Sysctls, within } from './namespaces.ts';

export const CONNTRACK_SYSCTLS = [
  'netfilter/nf_conntrack_count',
  'netfilter/nf_conntrack_max',
  'netfilter/nf_conntrack_tcp_timeout_established',
  'netfilter/nf_conntrack_tcp_timeout_unacknowledged',
  'netfilter/nf_conntrack_tcp_timeout_max_retrans',
  'netfilter/nf_conntrack_tcp_loose',
] as const;

export interface Conntrack {
  readonly entries: number;
  readonly most: number;
  readonly establishedSeconds: number | null;
  readonly unacknowledgedSeconds: number | null;
  readonly maxRetransSeconds: number | null;
  readonly loose: boolean | null;
  /** Since the namespace began; null where its counters cannot be read. */
  readonly dropped: number | null;
  readonly droppedEarly: number | null;
  readonly insertFailed: number | null;
}

/** A line of titles, then one of hex numbers for each processor (nf_conntrack_standalone.c). */
export function statisticsOf(text: string): Readonly<Record<string, number>> {
  const [head = '', ...rows] = text.trim().split('\n');
  const titles = head.trim().split(/\s+/);
  const cells = rows.map((row) => row.trim().split(/\s+/));
  return Object.fromEntries(
    titles.map((title, i) => [
      title,
      cells.reduce((sum, row) => sum + (Number.parseInt(row[i] ?? '0', 16) || 0), 0),
    ]),
  );
}

/** Null where the module is not loaded, or nothing could be read. */
export function conntrackOf(
  machine: Machine,
  namespace: Namespace,
  sysctls: Sysctls | null,
): Conntrack | null {
  const value = (name: (typeof CONNTRACK_SYSCTLS)[number]): number | null =>
    sysctls?.[name] ?? null;
  const entries = value('netfilter/nf_conntrack_count');
  const most = value('netfilter/nf_conntrack_max');
  if (entries === null || most === null) return null;
  const loose = value('netfilter/nf_conntrack_tcp_loose');
  const text = textOf(machine.text(`${netFolder(namespace)}/stat/nf_conntrack`));
  const statistics = text === null ? {} : statisticsOf(text);
  return {
    entries,
    most,
    establishedSeconds: value('netfilter/nf_conntrack_tcp_timeout_established'),
    unacknowledgedSeconds: value('netfilter/nf_conntrack_tcp_timeout_unacknowledged'),
    maxRetransSeconds: value('netfilter/nf_conntrack_tcp_timeout_max_retrans'),
    loose: loose === null ? null : loose !== 0,
    dropped: statistics['drop'] ?? null,
    droppedEarly: statistics['early_drop'] ?? null,
    insertFailed: statistics['insert_failed'] ?? null,
  };
}

/** Chosen: from here on a burst of connections fills it. */
const NEARLY_FULL = 0.8;
const FULL = 0.95;
/** RFC 5382 REQ-5: 2 hours 4 minutes. */
const LEAST_ESTABLISHED = 7440;
/** The kernel's own default, 5 days. */
const DEFAULT_ESTABLISHED = 432_000;

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/**
 * nf_conntrack_max is one number for all namespaces, set in the first; each counts its own entries
 * against it.
 */
const widen = (most: number): Cure[] => [
  set(`sysctl -w net.netfilter.nf_conntrack_max=${2 * most}`),
  note('for as many buckets: /sys/module/nf_conntrack/parameters/hashsize'),
];

function fill({ entries, most }: Conntrack, at: readonly string[]): HostFinding[] {
  const share = most === 0 ? 0 : entries / most;
  if (share < NEARLY_FULL) return [];
  const severity: Severity = share < FULL ? 'warning' : 'critical';
  const what =
    `the connection table is ${percent(share)} full: ${grouped(entries)} of ` +
    `${grouped(most)} entries`;
  return [finding('conntrack-nearly-full', { severity, what, at, cure: widen(most) })];
}

function drops({ dropped, droppedEarly, most }: Conntrack, at: readonly string[]): HostFinding[] {
  if ((dropped ?? 0) + (droppedEarly ?? 0) === 0) return [];
  const what =
    `${counted(dropped ?? 0, 'packet')} dropped because the table was full, ` +
    `${counted(droppedEarly ?? 0, 'connection')} thrown out early, since it was set up`;
  return [finding('conntrack-dropped', { severity: 'warning', what, at, cure: widen(most) })];
}

function timeouts(
  { establishedSeconds: established, entries }: Conntrack,
  namespace: Namespace,
  at: readonly string[],
): HostFinding[] {
  if (established === null || established >= LEAST_ESTABLISHED || entries === 0) return [];
  const name = 'net.netfilter.nf_conntrack_tcp_timeout_established';
  return [
    finding('conntrack-timeout-short', {
      severity: 'warning',
      what: `established connections are forgotten after ${established} s of silence`,
      at,
      cure: [set(within(namespace, `sysctl -w ${name}=${DEFAULT_ESTABLISHED}`))],
    }),
  ];
}

function looseness(
  { loose, entries }: Conntrack,
  namespace: Namespace,
  at: readonly string[],
): HostFinding[] {
  if (loose !== false || entries === 0) return [];
  return [
    finding('conntrack-loose-off', {
      severity: 'note',
      what: 'nf_conntrack_tcp_loose is 0',
      at,
      cure: [
        set(within(namespace, 'sysctl -w net.netfilter.nf_conntrack_tcp_loose=1')),
        note('or answer what is left over: nft add rule … ct state invalid reject with tcp reset'),
      ],
    }),
  ];
}

export function conntrackFindings(namespace: Namespace, table: Conntrack | null): HostFinding[] {
  if (table === null) return [];
  const at = [namespace.name];
  return [
    ...fill(table, at),
    ...drops(table, at),
    ...timeouts(table, namespace, at),
    ...looseness(table, namespace, at),
  ];
}
