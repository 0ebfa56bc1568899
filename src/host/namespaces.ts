/**
 * Network namespaces: each has its own sockets, keepalive sysctls and connection table, so that a
 * host can be cured while its containers are not (ip-sysctl.rst: tcp_keepalive_* are per namespace
 * since Linux 4.5).
 *
 * The socket table of another namespace is a file, /proc/PID/net/tcp. Its sysctls are not:
 * /proc/sys/net shows those of whoever reads it, so a program has to enter the namespace
 * (setns(2): CAP_SYS_ADMIN).
 */
import type { NotSeen } from './finding.ts';
import { counted } from './finding.ts';
import { type Machine, textOf } from './machine.ts';
import { nameOf, type Process } from './processes.ts';

export interface Namespace {
  /** As the kernel writes it: "net:[4026531840]". */
  readonly id: string;
  /** The one that this command runs in. */
  readonly isOwn: boolean;
  /**
   * The process with the lowest pid: through it the namespace is looked at. Null for the own one.
   */
  readonly pid: number | null;
  readonly name: string;
  readonly container: string | null;
  readonly processes: number;
  readonly pids: ReadonlySet<number>;
}

const OWN_NAME = 'this host';

function titled(first: Process): string {
  return first.container === null
    ? `namespace of ${nameOf(first)}`
    : `container ${first.container}, ${nameOf(first)}`;
}

function ownNamespace(machine: Machine): string {
  return textOf(machine.link('/proc/self/ns/net')) ?? 'net:[own]';
}

const namespaceOf = (id: string, members: readonly Process[]): Namespace[] => {
  const [first] = members;
  if (first === undefined) return [];
  const { pid, container } = first;
  const pids = new Set(members.map((each) => each.pid));
  return [{ id, isOwn: false, pid, name: titled(first), container, processes: pids.size, pids }];
};

export interface Namespaces {
  /** The own one first. */
  readonly all: readonly Namespace[];
  readonly notSeen: readonly NotSeen[];
}

/**
 * A namespace that no process is in (kept by a file under /run/netns) has no sockets of programs:
 * it is left out.
 */
export function namespacesOf(machine: Machine, processes: readonly Process[]): Namespaces {
  const ownId = ownNamespace(machine);
  const groups = new Map<string, Process[]>();
  let hidden = 0;
  for (const process of processes) {
    const link = machine.link(`/proc/${process.pid}/ns/net`);
    if (link.is === 'denied') hidden++;
    if (link.is !== 'there') continue;
    const group = groups.get(link.text);
    if (group === undefined) groups.set(link.text, [process]);
    else group.push(process);
  }
  const pids = new Set((groups.get(ownId) ?? []).map(({ pid }) => pid));
  const own: Namespace = {
    id: ownId,
    isOwn: true,
    pid: null,
    name: OWN_NAME,
    container: null,
    processes: pids.size,
    pids,
  };
  groups.delete(ownId);
  const others = [...groups].flatMap(([id, members]) => namespaceOf(id, members));
  return { all: [own, ...others], notSeen: hiddenNamespaces(hidden) };
}

const hiddenNamespaces = (hidden: number): NotSeen[] =>
  hidden === 0
    ? []
    : [
        {
          what:
            `the network namespace of ${counted(hidden, 'process', 'processes')}: ` +
            'containers among them are not looked at',
          needs: 'CAP_SYS_PTRACE',
        },
      ];

/** The folder of a namespace's own tables: tcp, tcp6, dev, stat. */
export const netFolder = ({ pid }: Namespace): string =>
  pid === null ? '/proc/self/net' : `/proc/${pid}/net`;

/** A command that runs in the namespace. */
export const within = ({ pid }: Namespace, command: string): string =>
  pid === null ? command : `nsenter -t ${pid} -n ${command}`;

export type Sysctls = Readonly<Record<string, number>>;

/** What grep -H prints: "/proc/sys/net/ipv4/tcp_keepalive_time:7200". */
function sysctlsIn(text: string): Sysctls {
  const lines = [...text.matchAll(/^\/proc\/sys\/net\/(\S+?):(\d+)$/gm)];
  return Object.fromEntries(lines.map(([, name = '', value]) => [name, Number(value)]));
}

const file = (name: string): string => `/proc/sys/net/${name}`;

/**
 * Null where the namespace may not be entered. Names are below /proc/sys/net:
 * "ipv4/tcp_keepalive_time".
 */
export async function sysctlsOf(
  machine: Machine,
  { pid }: Namespace,
  names: readonly string[],
): Promise<Sysctls | null> {
  if (pid === null) {
    const read = names.map((name) => `${file(name)}:${textOf(machine.text(file(name))) ?? ''}`);
    return sysctlsIn(read.map((line) => line.trim()).join('\n'));
  }
  const enter = [`--net=/proc/${pid}/ns/net`, 'grep', '-sH', '.', ...names.map(file)];
  const printed = await machine.run('nsenter', enter);
  return printed.is === 'there' ? sysctlsIn(printed.text) : null;
}
