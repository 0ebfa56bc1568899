/**
 * /proc/net/tcp and tcp6 (proc_pid_net(5)): every TCP socket of a namespace, with the timer that
 * is running.
 *
 * The same facts as sock_diag and `ss -o` give, but exact to a hundredth of a second, readable by
 * every user, and for other namespaces too. One timer shows at a time: while a socket waits for an
 * acknowledgement, it is not keepalive's.
 */
import { addressOf } from './address.ts';
import type { Endpoint } from './idle-timeout.ts';
import { type Machine, type Seen, textOf } from './machine.ts';

export type Timer =
  /**
   * The field is TIME_PENDING jiffies of 1/100 s (USER_HZ) until the next look at the keepalive
   * clock.
   */
  | { readonly is: 'keepalive'; readonly remainingSeconds: number }
  | { readonly is: 'none' }
  /** Retransmission, window probe: whether keepalive is on cannot be seen now. */
  | { readonly is: 'other' };

export interface TcpSocket {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly timer: Timer;
  readonly uid: number;
  readonly inode: string;
}

export interface TcpTable {
  readonly established: readonly TcpSocket[];
  readonly listening: ReadonlySet<number>;
}

/** include/net/tcp_states.h */
const ESTABLISHED = '01';
const LISTEN = '0A';
/**
 * get_tcp4_sock(): 0 none, 1 retransmission, 2 sk_timer (keepalive while established), 4 window
 * probe.
 */
const NO_TIMER = '00';
const KEEPALIVE = '02';
const USER_HZ = 100;

function endpoint(text: string): Endpoint {
  const [address = '', port = ''] = text.split(':');
  return { address: addressOf(address), port: Number.parseInt(port, 16) };
}

function timerOf(text: string): Timer {
  const [timer, when = ''] = text.split(':');
  if (timer === NO_TIMER) return { is: 'none' };
  if (timer !== KEEPALIVE) return { is: 'other' };
  return { is: 'keepalive', remainingSeconds: Number.parseInt(when, 16) / USER_HZ };
}

/**
 * Columns: number, local, remote, state, queues, timer, retransmits, uid, unanswered probes,
 * inode.
 */
function socketOf(columns: readonly string[]): TcpSocket {
  const [, local = '', remote = '', , , timer = '', , uid, , inode = ''] = columns;
  return {
    local: endpoint(local),
    remote: endpoint(remote),
    timer: timerOf(timer),
    uid: Number(uid),
    inode,
  };
}

export function parseTcpTable(texts: readonly string[]): TcpTable {
  const established: TcpSocket[] = [];
  const listening = new Set<number>();
  for (const text of texts) {
    for (const line of text.split('\n').slice(1)) {
      const columns = line.trim().split(/\s+/);
      if (columns[3] === ESTABLISHED) established.push(socketOf(columns));
      else if (columns[3] === LISTEN) listening.add(endpoint(columns[1] ?? '').port);
    }
  }
  return { established, listening };
}

/** Null where neither table can be read. */
export function tcpTableIn(machine: Machine, folder: string): TcpTable | null {
  const tables: Seen[] = [machine.text(`${folder}/tcp`), machine.text(`${folder}/tcp6`)];
  const texts = tables.flatMap((table) => textOf(table) ?? []);
  return texts.length === 0 ? null : parseTcpTable(texts);
}
