/** Connections by the program that holds them: the one who can do something about them. */
import { endpointText } from './address.ts';
import {
  type Cure,
  counted,
  finding,
  type HostFinding,
  listed,
  note,
  type NotSeen,
} from './finding.ts';
import type { IdleTimeout } from './idle-timeout.ts';
import type { Advice } from './advice.ts';
import {
  type Connection,
  type Connections,
  KEEPALIVE_STATES,
  type KeepaliveState,
} from './sockets.ts';

export interface Peer {
  /** "to 198.51.100.9:27017", or "on port 27017" for a server. */
  readonly where: string;
  readonly port: number;
  readonly connections: number;
}

export interface Program {
  /** Null: of another user, whose processes this one may not look into. */
  readonly name: string | null;
  readonly uid: number;
  readonly pids: readonly number[];
  readonly namespace: string;
  readonly connections: Readonly<Record<KeepaliveState, number>>;
  /** Those with most connections first. */
  readonly peers: readonly Peer[];
}

const unprotected = ({ connections }: Program): number => connections.none + connections.late;

const whereOf = ({ isServer, local, remote }: Connection): string =>
  isServer ? `on port ${local.port}` : `to ${endpointText(remote.address, remote.port)}`;

function peersOf(connections: readonly Connection[]): Peer[] {
  const peers = new Map<string, Peer>();
  for (const connection of connections) {
    const where = whereOf(connection);
    const port = connection.isServer ? connection.local.port : connection.remote.port;
    const before = peers.get(where)?.connections ?? 0;
    peers.set(where, { where, port, connections: before + 1 });
  }
  return [...peers.values()].sort((a, b) => b.connections - a.connections);
}

function programOf(connections: readonly Connection[]): Program[] {
  const [first] = connections;
  if (first === undefined) return [];
  const count = (state: KeepaliveState): number =>
    connections.filter(({ keepalive }) => keepalive === state).length;
  const pids = new Set(connections.flatMap(({ owner }) => owner?.pid ?? []));
  return [
    {
      name: first.owner?.name ?? null,
      uid: first.uid,
      pids: [...pids].sort((a, b) => a - b),
      namespace: first.namespace.name,
      connections: Object.fromEntries(
        KEEPALIVE_STATES.map((state) => [state, count(state)]),
      ) as Program['connections'],
      peers: peersOf(connections),
    },
  ];
}

/** Most unprotected connections first. */
export function programsOf({ judged }: Connections): Program[] {
  const groups = new Map<string, Connection[]>();
  for (const connection of judged) {
    const { namespace, owner, uid } = connection;
    const key = `${namespace.id} ${uid} ${owner?.name ?? ''}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [connection]);
    else group.push(connection);
  }
  const all = [...groups.values()].flatMap(programOf);
  return all.sort((a, b) => unprotected(b) - unprotected(a));
}

export function programName({ name, uid, pids }: Program): string {
  if (name === null) return `a process of user ${uid}`;
  return pids.length === 1 ? `${name} (pid ${pids[0]})` : `${name} (${pids.length} processes)`;
}

/** Chosen: what a line can hold; all of them are in `sockets.programs`. */
const NAMED = 5;

interface Flaw {
  readonly id: 'socket-without-keepalive' | 'socket-keepalive-late';
  readonly state: KeepaliveState;
  readonly says: (idle: IdleTimeout) => string;
  readonly cure: (advice: Advice, ports: readonly number[]) => readonly Cure[];
}

const FOLLOWS =
  'a program that sets no time of its own follows tcp_keepalive_time, in connections ' +
  'that it opens after the change; others:';

const FLAWS: readonly Flaw[] = [
  {
    id: 'socket-without-keepalive',
    state: 'none',
    says: () => 'without SO_KEEPALIVE',
    cure: (advice, ports) => [...advice.anyProgram, ...advice.onPorts(ports)],
  },
  {
    id: 'socket-keepalive-late',
    state: 'late',
    says: ({ seconds, from }) =>
      from === 'report'
        ? 'with more time left until the next probe than the box on their path waits'
        : `with more than ${seconds} s left until the next keepalive probe`,
    cure: (advice) => [note(FOLLOWS), ...advice.anyProgram],
  },
];

function flawFinding(
  { id, state, says, cure }: Flaw,
  programs: readonly Program[],
  idle: IdleTimeout,
  advice: Advice,
): HostFinding[] {
  const flawed = programs.filter(({ connections }) => connections[state] > 0);
  const total = flawed.reduce((sum, { connections }) => sum + connections[state], 0);
  if (total === 0) return [];
  const at = flawed.map((each) => `${programName(each)}: ${each.connections[state]}`);
  const ports = new Set(flawed.flatMap(({ peers }) => peers.map(({ port }) => port)));
  return [
    finding(id, {
      severity: 'warning',
      what: `${counted(total, 'established connection')} ${says(idle)}`,
      at: listed(at, NAMED),
      cure: cure(advice, [...ports]),
    }),
  ];
}

export const programFindings = (
  programs: readonly Program[],
  idle: IdleTimeout,
  advice: Advice,
): HostFinding[] => FLAWS.flatMap((flaw) => flawFinding(flaw, programs, idle, advice));

export function programsNotSeen(
  { judged, unread }: Connections,
  hiddenProcesses: number,
): NotSeen[] {
  const nameless = judged.filter(({ owner }) => owner === null).length;
  const notSeen: NotSeen[] = [];
  if (nameless > 0 && hiddenProcesses > 0) {
    notSeen.push({
      what: `which program holds ${counted(nameless, 'connection')}`,
      needs: 'CAP_DAC_READ_SEARCH and CAP_SYS_PTRACE',
    });
  }
  const guessed = judged.filter(({ owner, isExact }) => owner !== null && !isExact).length;
  if (guessed > 0) {
    notSeen.push({
      what: `what ${counted(guessed, 'connection')} of known programs are set to: judged by their timers`,
      needs: 'CAP_SYS_PTRACE, and Linux 5.6',
    });
  }
  if (unread > 0)
    notSeen.push({
      what: `the sockets of ${counted(unread, 'namespace')}`,
      needs: 'a mounted /proc',
    });
  return notSeen;
}
