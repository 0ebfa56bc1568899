/**
 * The keepalive sysctls of each namespace against T. They reach sockets with SO_KEEPALIVE and no
 * time of their own.
 */
import type { Advice } from './advice.ts';
import {
  type Cure,
  finding,
  type HostFinding,
  listed,
  note,
  set,
  type Severity,
} from './finding.ts';
import { type IdleTimeout, safeText } from './idle-timeout.ts';
import { type Namespace, type Sysctls, within } from './namespaces.ts';

export const KEEPALIVE_SYSCTLS = [
  'ipv4/tcp_keepalive_time',
  'ipv4/tcp_keepalive_intvl',
  'ipv4/tcp_keepalive_probes',
  'ipv4/tcp_retries2',
] as const;

export interface KeepaliveSysctls {
  readonly timeSeconds: number;
  readonly intervalSeconds: number;
  readonly probes: number;
  readonly retries2: number;
}

/** Null where they could not be read. */
export function keepaliveFrom(sysctls: Sysctls | null): KeepaliveSysctls | null {
  const [timeSeconds, intervalSeconds, probes, retries2] = KEEPALIVE_SYSCTLS.map(
    (name) => sysctls?.[name],
  );
  if (timeSeconds === undefined || intervalSeconds === undefined) return null;
  if (probes === undefined || retries2 === undefined) return null;
  return { timeSeconds, intervalSeconds, probes, retries2 };
}

export interface Settings {
  readonly namespace: Namespace;
  readonly keepalive: KeepaliveSysctls;
}

/** Chosen: what a line can hold. */
const NAMED = 5;

const sysctls = ({ keepalive: to }: Advice): readonly string[] => [
  `net.ipv4.tcp_keepalive_time=${to.idleSeconds}`,
  `net.ipv4.tcp_keepalive_intvl=${to.intervalSeconds}`,
  `net.ipv4.tcp_keepalive_probes=${to.probes}`,
];

/** What outlives a restart: a file for the host, the container's own settings for a container. */
function lasting({ isOwn, container }: Namespace, advice: Advice): Cure[] {
  if (isOwn) return [note('for good: the same three in a file in /etc/sysctl.d')];
  if (container === null) return [];
  const flags = sysctls(advice).map((each) => `--sysctl ${each}`);
  return [
    note('that ends with the container; for good, where it is started:'),
    set(`docker run ${flags.join(' ')} …`),
    note('Kubernetes: securityContext.sysctls of the pod (safe sysctls since 1.29)'),
  ];
}

const cureOf = (namespace: Namespace, advice: Advice): Cure[] => [
  ...sysctls(advice).map((each) => set(within(namespace, `sysctl -w ${each}`))),
  ...lasting(namespace, advice),
];

/** Namespaces with the same settings are one finding: a host may have hundreds. */
function alike(sets: readonly Settings[]): Map<string, readonly Settings[]> {
  const groups = new Map<string, Settings[]>();
  for (const each of sets) {
    const { timeSeconds, intervalSeconds } = each.keepalive;
    const key = `${each.namespace.isOwn} ${timeSeconds} ${intervalSeconds}`;
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return groups;
}

function verdictOn(
  { timeSeconds: time, intervalSeconds }: KeepaliveSysctls,
  idle: IdleTimeout,
): { id: 'keepalive-time-late' | 'keepalive-margin'; severity: Severity; says: string } | null {
  if (time >= idle.seconds) {
    const says = `tcp_keepalive_time is ${time} s, ${safeText(idle)}`;
    return { id: 'keepalive-time-late', severity: 'warning', says };
  }
  if (time + intervalSeconds < idle.seconds) return null;
  const says =
    `the first probe comes after ${time} s, the second ${intervalSeconds} s later, ` +
    safeText(idle);
  return { id: 'keepalive-margin', severity: 'note', says };
}

const retriesFinding = ({ retries2 }: KeepaliveSysctls): HostFinding =>
  finding('retries-long', {
    severity: 'note',
    what: `tcp_retries2 is ${retries2}: unanswered data is sent again for 15 minutes or more`,
    cure: [
      set('sysctl -w net.ipv4.tcp_retries2=8'),
      note('for one program alone: setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, milliseconds)'),
    ],
  });

/**
 * ip-sysctl.rst: the default of 15 is 924.6 s at least; RFC 1122 asks for 100 s or more, which 8
 * keeps.
 */
const RETRIES_LONG = 15;

const differs = ({ keepalive }: Settings, host: KeepaliveSysctls | null): string =>
  host === null || host.timeSeconds === keepalive.timeSeconds
    ? ''
    : `; this host itself has ${host.timeSeconds} s, which does not reach there`;

export function keepaliveFindings(
  sets: readonly Settings[],
  idle: IdleTimeout,
  advice: Advice,
): HostFinding[] {
  const host = sets.find(({ namespace }) => namespace.isOwn)?.keepalive ?? null;
  const findings = [...alike(sets).values()].flatMap((group) => {
    const [first] = group;
    const verdict = first === undefined ? null : verdictOn(first.keepalive, idle);
    if (first === undefined || verdict === null) return [];
    return [
      finding(verdict.id, {
        severity: verdict.severity,
        what: `${verdict.says}${first.namespace.isOwn ? '' : differs(first, host)}`,
        at: listed(
          group.map(({ namespace }) => namespace.name),
          NAMED,
        ),
        cure: cureOf(first.namespace, advice),
      }),
    ];
  });
  const isLong = host !== null && host.retries2 >= RETRIES_LONG;
  return isLong ? [...findings, retriesFinding(host)] : findings;
}
