/**
 * The kernel's connection table of this network namespace, listened to: what it forgets, and what it is set to.
 *
 * Needs CAP_NET_ADMIN when it is opened, and nothing afterwards. Events that nobody fetched in time are lost; that is
 * counted (`overruns`), and nothing is concluded from an event that did not come.
 */
import { addon, type NativeConntrackEvents } from '../capture/addon.ts';
import { type Conntrack, CONNTRACK_SYSCTLS, conntrackOf } from './conntrack.ts';
import { type Machine, numberIn } from './machine.ts';
import type { Namespace } from './namespaces.ts';
import { RowEnds } from './row-ends.ts';

/** What the namespace is set to, read now. */
export interface ConntrackSettings extends Conntrack {
  /** nf_conntrack_tcp_timeout_close_wait: what a connection has that is closed on one side. */
  readonly closeWaitSeconds: number | null;
  /**
   * nf_conntrack_events is 2 since Linux 5.19: rows made while nobody listened tell nothing when they end. With 1 all
   * do, with 0 none.
   */
  readonly eventsOf: 'all rows' | 'rows made since' | 'none' | null;
}

const FOLDER = '/proc/sys/net/netfilter';

const HERE: Namespace = {
  id: '',
  isOwn: true,
  pid: null,
  name: 'this host',
  container: null,
  processes: 0,
  pids: new Set(),
};
const EVENTS = ['none', 'all rows', 'rows made since'] as const;

/** Null where the kernel keeps no connections here. */
export function conntrackSettings(machine: Machine): ConntrackSettings | null {
  const read = (name: string): number | null => numberIn(machine.text(`/proc/sys/net/${name}`));
  const sysctls = Object.fromEntries(
    CONNTRACK_SYSCTLS.flatMap((name) => {
      const value = read(name);
      return value === null ? [] : [[name, value]];
    }),
  );
  const table = conntrackOf(machine, HERE, sysctls);
  if (table === null) return null;
  const events = numberIn(machine.text(`${FOLDER}/nf_conntrack_events`));
  return {
    ...table,
    closeWaitSeconds: numberIn(machine.text(`${FOLDER}/nf_conntrack_tcp_timeout_close_wait`)),
    eventsOf: events === null ? null : (EVENTS[events] ?? null),
  };
}

/** Chosen: 8 MiB hold about ten thousand events. */
const BUFFER_BYTES = 8 << 20;
/** Chosen: soon enough for a finding within a second. */
const EVERY_MS = 50;
/** Chosen: a few milliseconds of work at once. */
const MOST_AT_ONCE = 4096;

export class ConntrackListener {
  readonly ends: RowEnds;
  /** CLOCK_REALTIME. */
  readonly sinceNs: bigint;
  readonly #events: NativeConntrackEvents;
  readonly #timer: NodeJS.Timeout;
  #last = 0;

  /** Throws E_CONNTRACK_DENIED. */
  constructor(ends = new RowEnds(), bufferBytes = BUFFER_BYTES) {
    this.#events = addon().openConntrackEvents(bufferBytes);
    this.sinceNs = BigInt(Date.now()) * 1_000_000n;
    this.ends = ends;
    this.#timer = setInterval(() => this.poll(), EVERY_MS);
    this.#timer.unref();
  }

  /** Fetches what is waiting now. */
  poll(): void {
    for (const end of this.#events.take(MOST_AT_ONCE)) this.ends.add(end);
    this.#last = this.#events.overruns();
  }

  /** How often events were lost, each time an unknown number. */
  get overruns(): number {
    return this.#last;
  }

  close(): void {
    clearInterval(this.#timer);
    this.poll();
    this.#events.close();
  }
}
