/** The whole survey: everything that this machine knows about why its connections die. */
import type { Advice } from './advice.ts';
import { CONNTRACK_SYSCTLS, type Conntrack, conntrackFindings, conntrackOf } from './conntrack.ts';
import { counted, type HostFinding, type NotSeen, SEVERITIES } from './finding.ts';
import type { IdleTimeout } from './idle-timeout.ts';
import { type Interfaces, interfaceFindings, interfacesOf } from './interfaces.ts';
import {
  KEEPALIVE_SYSCTLS,
  keepaliveFindings,
  keepaliveFrom,
  type KeepaliveSysctls,
} from './keepalive.ts';
import { type KernelLog, kernelLogFindings, kernelLogNotSeen, kernelLogOf } from './kernel-log.ts';
import { type Limits, limitFindings, limitsOf } from './limits.ts';
import { type Machine, textOf } from './machine.ts';
import { type Namespace, type Sysctls, sysctlsOf } from './namespaces.ts';
import { type Numa, numaFindings, numaNotSeen, numaOf } from './numa.ts';
import { processesOf } from './processes.ts';
import { type Program, programFindings } from './programs.ts';
import { protectionOf } from './protection.ts';
import type { Connections } from './sockets.ts';

export interface SurveyedNamespace {
  readonly namespace: Namespace;
  readonly keepalive: KeepaliveSysctls | null;
  readonly conntrack: Conntrack | null;
}

export interface Survey {
  readonly hostname: string;
  readonly kernel: string;
  readonly idle: IdleTimeout;
  /** The gravest first. */
  readonly findings: readonly HostFinding[];
  readonly notSeen: readonly NotSeen[];
  readonly namespaces: readonly SurveyedNamespace[];
  readonly connections: Connections;
  readonly programs: readonly Program[];
  readonly interfaces: Interfaces;
  readonly numa: Numa;
  readonly limits: Limits;
  readonly kernelLog: KernelLog;
}

const SYSCTLS = [...KEEPALIVE_SYSCTLS, ...CONNTRACK_SYSCTLS];

/** Chosen: programs that run at once to look into namespaces. */
const AT_ONCE = 8;

async function allSysctls(
  machine: Machine,
  namespaces: readonly Namespace[],
): Promise<(Sysctls | null)[]> {
  const answers: (Sysctls | null)[] = [];
  for (let i = 0; i < namespaces.length; i += AT_ONCE) {
    const some = namespaces.slice(i, i + AT_ONCE);
    answers.push(...(await Promise.all(some.map((each) => sysctlsOf(machine, each, SYSCTLS)))));
  }
  return answers;
}

async function settingsOf(
  machine: Machine,
  namespaces: readonly Namespace[],
): Promise<SurveyedNamespace[]> {
  const sysctls = await allSysctls(machine, namespaces);
  return namespaces.map((namespace, i) => ({
    namespace,
    keepalive: keepaliveFrom(sysctls[i] ?? null),
    conntrack: conntrackOf(machine, namespace, sysctls[i] ?? null),
  }));
}

function unentered(namespaces: readonly SurveyedNamespace[]): NotSeen[] {
  const closed = namespaces.filter(({ keepalive }) => keepalive === null);
  if (closed.length === 0) return [];
  const what = `the keepalive and conntrack settings of ${counted(closed.length, 'namespace')}`;
  return [{ what, needs: 'CAP_SYS_ADMIN and CAP_SYS_PTRACE, and the program nsenter' }];
}

const byGravity = (a: HostFinding, b: HostFinding): number =>
  SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity);

type Facts = Omit<Survey, 'findings' | 'notSeen'>;

function findingsIn(facts: Facts, advice: Advice): HostFinding[] {
  const { idle, namespaces, programs, interfaces, numa, limits, kernelLog } = facts;
  const settings = namespaces.flatMap(({ namespace, keepalive }) =>
    keepalive === null ? [] : [{ namespace, keepalive }],
  );
  return [
    ...keepaliveFindings(settings, idle, advice),
    ...programFindings(programs, idle, advice),
    ...namespaces.flatMap(({ namespace, conntrack }) => conntrackFindings(namespace, conntrack)),
    ...interfaceFindings(interfaces),
    ...numaFindings(numa),
    ...limitFindings(limits),
    ...kernelLogFindings(kernelLog),
  ].sort(byGravity);
}

const line = (machine: Machine, path: string): string =>
  (textOf(machine.text(path)) ?? 'unknown').trim();

export async function surveyOf(
  machine: Machine,
  idle: IdleTimeout,
  advice: Advice,
): Promise<Survey> {
  const processes = processesOf(machine);
  const protection = protectionOf(machine, processes, idle);
  const { connections, programs } = protection;
  const facts: Facts = {
    hostname: line(machine, '/proc/sys/kernel/hostname'),
    kernel: line(machine, '/proc/sys/kernel/osrelease'),
    idle,
    namespaces: await settingsOf(machine, protection.namespaces),
    connections,
    programs,
    interfaces: interfacesOf(machine),
    numa: numaOf(machine, processes),
    limits: limitsOf(machine, processes),
    kernelLog: await kernelLogOf(machine),
  };
  return {
    ...facts,
    findings: findingsIn(facts, advice),
    notSeen: [
      ...protection.notSeen,
      ...unentered(facts.namespaces),
      ...numaNotSeen(facts.numa),
      ...kernelLogNotSeen(facts.kernelLog),
    ],
  };
}
