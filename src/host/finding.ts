/**
 * What the doctor says: findings, and what it could not see.
 *
 * Why a thing matters and where that is written stand here once for each kind; what was measured
 * and the lines that cure it are made where it is measured.
 */
export const SEVERITIES = ['critical', 'warning', 'note'] as const;

/** critical: something fails now, or has failed; warning: it will; note: worth knowing. */
export type Severity = (typeof SEVERITIES)[number];

interface Kind {
  readonly why: string;
  readonly source: string;
}

const IP_SYSCTL = 'https://docs.kernel.org/networking/ip-sysctl.html';
const CONNTRACK = 'https://docs.kernel.org/networking/nf_conntrack-sysctl.html';
const NET_SYSCTL = 'https://docs.kernel.org/admin-guide/sysctl/net.html';
const STATISTICS = 'https://docs.kernel.org/networking/statistics.html';
const VM = 'https://docs.kernel.org/admin-guide/sysctl/vm.html';
const KERNEL = 'https://docs.kernel.org/admin-guide/sysctl/kernel.html';
const TCP_7 = 'https://man7.org/linux/man-pages/man7/tcp.7.html';
const MONGODB =
  'https://www.mongodb.com/docs/manual/administration/production-notes/#mongodb-and-numa-hardware';

export const KINDS = {
  'keepalive-time-late': {
    why:
      'the first probe is sent when the box has already forgotten the connection: ' +
      'keepalive is on and saves nothing',
    source: `${IP_SYSCTL} (tcp_keepalive_time); ${TCP_7}`,
  },
  'keepalive-margin': {
    why:
      'a single lost probe is enough to lose the connection: the next one comes after ' +
      'the timeout',
    source: `${IP_SYSCTL} (tcp_keepalive_intvl)`,
  },
  'retries-long': {
    why:
      'where a box drops silently, a program that writes waits that long for its ' +
      '"timed out"; it is easily taken for ' +
      'the timeout of the box. There is no sysctl for TCP_USER_TIMEOUT, only the ' +
      'program can set it',
    source: `${IP_SYSCTL} (tcp_retries2); RFC 1122 4.2.3.5`,
  },
  'socket-without-keepalive': {
    why:
      'no sysctl reaches a socket without SO_KEEPALIVE: unless the program itself ' +
      'sends something in time, it dies',
    source: `${TCP_7}; https://man7.org/linux/man-pages/man7/socket.7.html (SO_KEEPALIVE)`,
  },
  'socket-keepalive-late': {
    why:
      'more time is left until the next probe than the box waits: these connections ' +
      'die before it is sent',
    source: `${TCP_7} (TCP_KEEPIDLE)`,
  },
  'conntrack-nearly-full': {
    why:
      'a full table drops the packets of new connections, and old ones may be thrown ' +
      'out before their time',
    source: `${CONNTRACK} (nf_conntrack_max)`,
  },
  'conntrack-dropped': {
    why: 'the table was full: packets were dropped, or connections thrown out early to make room',
    source:
      'https://man7.org/linux/man-pages/man8/conntrack.8.html (-S); kernel nf_conntrack_core.c',
  },
  'conntrack-timeout-short': {
    why:
      'this host is itself a box that forgets silent connections; NATs are asked to ' +
      'wait at least 7440 s',
    source: `${CONNTRACK} (nf_conntrack_tcp_timeout_established); RFC 5382 REQ-5`,
  },
  'conntrack-loose-off': {
    why:
      'a connection whose row is gone (timeout, flush, restart) is not picked up ' +
      'again: its packets are INVALID, and ' +
      'leave with their private address unless a rule drops them',
    source: `${CONNTRACK} (nf_conntrack_tcp_loose)`,
  },
  'interface-ring-full': {
    why:
      'packets came faster than they were fetched and were lost before the kernel saw ' +
      'them: lost answers look like a silent box',
    source: `${STATISTICS} (rx_missed_errors, rx_fifo_errors); ethtool(8)`,
  },
  'interface-drops': {
    why: 'lost packets look like a box that drops silently; a capture here misses them too',
    source: `${STATISTICS} (rx_dropped, tx_dropped)`,
  },
  'interface-errors': {
    why: 'damaged frames point to a cable, a plug or a duplex mismatch, which no keepalive cures',
    source: `${STATISTICS} (rx_errors, tx_errors)`,
  },
  'backlog-drops': {
    why: 'the kernel took packets from the card and had no room to queue them for a processor',
    source: `${NET_SYSCTL} (netdev_max_backlog)`,
  },
  'numa-not-interleaved': {
    why:
      'memory of one node fills up while others are free: the server stalls for ' +
      'seconds, its peers time out, and it ' +
      'looks like the network',
    source: MONGODB,
  },
  'zone-reclaim': {
    why:
      'the kernel frees memory of the near node before it takes free memory of ' +
      'another: long stalls of databases',
    source: `${VM} (zone_reclaim_mode); ${MONGODB}`,
  },
  'threads-near-limit': {
    why:
      'fork and thread creation are about to fail ("Cannot allocate memory", "Resource ' +
      'temporarily unavailable"): no new connection gets its thread',
    source: `${KERNEL} (threads-max, pid_max)`,
  },
  'pids-near-limit': {
    why:
      'the control group is about to refuse new processes and threads ("Resource ' +
      'temporarily unavailable")',
    source: 'https://docs.kernel.org/admin-guide/cgroup-v2.html (pids.max)',
  },
  'pids-limit-hit': {
    why:
      'the control group has refused new processes or threads: a server that cannot ' +
      'start a thread refuses or drops connections',
    source: 'https://docs.kernel.org/admin-guide/cgroup-v2.html (pids.events)',
  },
  'nproc-near-limit': {
    why: 'the user is about to be refused new processes and threads, however much memory is free',
    source: 'https://man7.org/linux/man-pages/man2/getrlimit.2.html (RLIMIT_NPROC)',
  },
  'memory-commit-near-limit': {
    why:
      'with strict overcommit fork fails with "Cannot allocate memory" at the limit, ' +
      'however much memory is free',
    source: 'https://docs.kernel.org/mm/overcommit-accounting.html',
  },
  'hung-tasks': {
    why:
      'a process that waits for its disk that long answers nobody: its peers time out, ' +
      'and it looks like the network',
    source: `${KERNEL} (hung_task_timeout_secs)`,
  },
  'conntrack-full-logged': {
    why: 'the connection table was full and packets were dropped',
    source: `${CONNTRACK} (nf_conntrack_max)`,
  },
  'fork-rejected-logged': {
    why: 'a control group has refused new processes or threads',
    source: 'https://docs.kernel.org/admin-guide/cgroup-v2.html (pids.max)',
  },
  'oom-killed': {
    why:
      'the kernel killed a process for want of memory: all its connections ended at ' +
      'one instant, with resets',
    source: `${VM} (panic_on_oom, oom_dump_tasks)`,
  },
} as const satisfies Readonly<Record<string, Kind>>;

export type KindId = keyof typeof KINDS;

/**
 * `set` is to be copied into a shell or a configuration; `note` says what it does not reach, or
 * where to look.
 */
export interface Cure {
  readonly kind: 'set' | 'note';
  readonly text: string;
}

export const set = (text: string): Cure => ({ kind: 'set', text });
export const note = (text: string): Cure => ({ kind: 'note', text });

export interface HostFinding {
  readonly id: KindId;
  readonly severity: Severity;
  /** What was measured, in one sentence. */
  readonly what: string;
  readonly why: string;
  /** The namespaces, processes or interfaces it is about; empty: the machine. */
  readonly at: readonly string[];
  /** The most useful first. */
  readonly cure: readonly Cure[];
  readonly source: string;
}

export interface NotSeen {
  readonly what: string;
  /** The capability, program or kernel module that would show it. */
  readonly needs: string;
}

interface Measured {
  readonly severity: Severity;
  readonly what: string;
  readonly cure: readonly Cure[];
  readonly at?: readonly string[];
}

export const finding = (id: KindId, { severity, what, cure, at = [] }: Measured): HostFinding => ({
  id,
  severity,
  what,
  why: KINDS[id].why,
  at,
  cure,
  source: KINDS[id].source,
});

/** "31,200" */
export const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

/** "3 connections", "1 connection". */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${grouped(count)} ${count === 1 ? noun : plural}`;

/** One of several, and how many more there are: "a, b and 3 more". */
export function listed(all: readonly string[], most: number): string[] {
  return all.length <= most ? [...all] : [...all.slice(0, most), `and ${all.length - most} more`];
}
