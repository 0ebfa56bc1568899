/**
 * Every established connection of the machine, and whether keepalive would keep it alive.
 *
 * Where the program may be traced, a copy of its descriptor says what the socket is set to, exactly.
 * Else /proc shows the time that is left on the keepalive timer. More than T left proves that no
 * probe comes in time; T or less proves nothing of the whole timer, because it may have been running
 * for long, so those count as armed. A busy socket shows another timer: unknown.
 */
import type { NativeKeepalive } from '../capture/addon.ts';
import { isLoopback } from './address.ts';
import type { Endpoint, TimeoutOf } from './idle-timeout.ts';
import type { Machine } from './machine.ts';
import { type Namespace, netFolder } from './namespaces.ts';
import type { Owners } from './owners.ts';
import type { Process } from './processes.ts';
import { type TcpSocket, type TcpTable, tcpTableIn } from './tcp-table.ts';

/** none: no SO_KEEPALIVE; late: set to T or more, or more than T left; armed: neither; unknown: busy. */
export const KEEPALIVE_STATES = ['none', 'late', 'armed', 'unknown'] as const;
export type KeepaliveState = (typeof KEEPALIVE_STATES)[number];

export interface Connection {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Whether this machine answered: the local port listens. */
  readonly isServer: boolean;
  readonly keepalive: KeepaliveState;
  readonly remainingSeconds: number | null;
  /** TCP_KEEPIDLE with keepalive on; null where it is off or not to be seen. */
  readonly idleSeconds: number | null;
  /** Whether the socket itself was asked. */
  readonly isExact: boolean;
  readonly timeoutSeconds: number;
  readonly owner: Process | null;
  readonly uid: number;
  readonly namespace: Namespace;
}

export interface Connections {
  readonly judged: readonly Connection[];
  /** Both ends on this machine: no box between them. */
  readonly local: number;
  /** On no path of the report. */
  readonly elsewhere: number;
  /** Namespaces whose table could not be read. */
  readonly unread: number;
}

function stateOf(
  { timer }: TcpSocket,
  exact: NativeKeepalive | null,
  timeoutSeconds: number,
): KeepaliveState {
  if (exact !== null && !exact.on) return 'none';
  if (exact !== null) return exact.idleSeconds >= timeoutSeconds ? 'late' : 'armed';
  if (timer.is === 'none') return 'none';
  if (timer.is === 'other') return 'unknown';
  return timer.remainingSeconds > timeoutSeconds ? 'late' : 'armed';
}

const key = (from: Endpoint, to: Endpoint): string =>
  `${from.address} ${from.port} ${to.address} ${to.port}`;

/** Both ends in one table, or on the loopback interface. */
function staysHere({ established }: TcpTable): (socket: TcpSocket) => boolean {
  const tuples = new Set(established.map(({ local, remote }) => key(local, remote)));
  return ({ local, remote }) => isLoopback(remote.address) || tuples.has(key(remote, local));
}

export interface Judging {
  readonly machine: Machine;
  readonly owners: Owners;
  readonly timeoutOf: TimeoutOf;
}

function askedItself(inode: string, { machine, owners }: Judging): NativeKeepalive | null {
  const at = owners.descriptor(inode);
  return at === null ? null : machine.keepalive(at, inode);
}

function inTable(table: TcpTable, namespace: Namespace, judging: Judging) {
  const { owners, timeoutOf } = judging;
  const stays = staysHere(table);
  const leaving = table.established.filter((socket) => !stays(socket));
  const judged = leaving.flatMap((socket): Connection[] => {
    const { local, remote, timer, uid, inode } = socket;
    const timeoutSeconds = timeoutOf(local, remote);
    if (timeoutSeconds === null) return [];
    const exact = askedItself(inode, judging);
    return [
      {
        local,
        remote,
        isServer: table.listening.has(local.port),
        keepalive: stateOf(socket, exact, timeoutSeconds),
        remainingSeconds: timer.is === 'keepalive' ? timer.remainingSeconds : null,
        idleSeconds: exact?.on === true ? exact.idleSeconds : null,
        isExact: exact !== null,
        timeoutSeconds,
        owner: owners.of(inode),
        uid,
        namespace,
      },
    ];
  });
  return {
    judged,
    local: table.established.length - leaving.length,
    elsewhere: leaving.length - judged.length,
  };
}

export function connectionsOf(namespaces: readonly Namespace[], judging: Judging): Connections {
  const judged: Connection[] = [];
  let [local, elsewhere, unread] = [0, 0, 0];
  for (const namespace of namespaces) {
    const table = tcpTableIn(judging.machine, netFolder(namespace));
    if (table === null) unread++;
    if (table === null) continue;
    const one = inTable(table, namespace, judging);
    for (const connection of one.judged) judged.push(connection);
    local += one.local;
    elsewhere += one.elsewhere;
  }
  return { judged, local, elsewhere, unread };
}
