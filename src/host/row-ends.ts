/**
 * Rows that the kernel's connection table has dropped, remembered for whoever asks why a connection died.
 *
 * An end proves that the kernel forgot the connection, and bounds its timeout from above: it comes with the next packet
 * that looks for the row, or with the garbage collection up to half a minute later, never at the very moment
 * (nf_conntrack_core.c: gc_worker, nf_ct_gc_expired).
 *
 * Bounded: the oldest go first, and are counted. Rows of connections that were closing anyway are counted, not kept.
 */
import type { RowEnd, RowTuple } from '../capture/addon.ts';

export type { RowEnd };

/** enum tcp_conntrack (linux/netfilter/nf_conntrack_tcp.h). */
export const ROW_STATES = [
  'NONE',
  'SYN_SENT',
  'SYN_RECV',
  'ESTABLISHED',
  'FIN_WAIT',
  'CLOSE_WAIT',
  'LAST_ACK',
  'TIME_WAIT',
  'CLOSE',
] as const;

/** What was open when its row went: established, or closed on one side only. */
const OPEN_STATES: ReadonlySet<number | null> = new Set([null, 3, 4, 5, 6]);

export interface Connection {
  readonly originatorAddress: string;
  readonly originatorPort: number;
  readonly responderAddress: string;
  readonly responderPort: number;
}

const side = (address: string, port: number): string => `${address} ${port}`;

/** The same for both directions. */
const keyOf = (one: string, other: string): string =>
  one < other ? `${one}|${other}` : `${other}|${one}`;

const keyOfTuple = ({ source, sourcePort, destination, destinationPort }: RowTuple): string =>
  keyOf(side(source, sourcePort), side(destination, destinationPort));

/** Chosen: about 25 MB; at 100 forgotten connections a second eleven minutes of them. */
const MOST = 65_536;

export interface RowEndCounts {
  /** Ends told by the kernel. */
  readonly heard: number;
  /** Of these, connections that were open when they were forgotten. */
  readonly open: number;
  /** Of these, those too old to be kept. */
  readonly dropped: number;
}

export class RowEnds {
  readonly #byKey = new Map<string, RowEnd[]>();
  #order: RowEnd[] = [];
  #responders = new Map<string, number>();
  #counts = { heard: 0, open: 0, dropped: 0 };
  readonly #most: number;

  constructor(most = MOST) {
    this.#most = most;
  }

  get counts(): RowEndCounts {
    return this.#counts;
  }

  add(end: RowEnd): void {
    this.#counts.heard++;
    if (!OPEN_STATES.has(end.state)) return;
    this.#counts.open++;
    this.#order.push(end);
    for (const key of keysOf(end)) this.#keep(key, end);
    for (const place of placesOf(end))
      this.#responders.set(place, (this.#responders.get(place) ?? 0) + 1);
    // Half at a time, so that forgetting costs little on the average.
    if (this.#order.length > this.#most) this.#forget(this.#order.length - (this.#most >> 1));
  }

  /** The first end of its row from `fromNs` to `untilNs`, by either of its tuples, in either direction. */
  endOf(connection: Connection, fromNs: bigint, untilNs: bigint): RowEnd | null {
    const { originatorAddress, originatorPort, responderAddress, responderPort } = connection;
    const key = keyOf(
      side(originatorAddress, originatorPort),
      side(responderAddress, responderPort),
    );
    const ends = this.#byKey.get(key) ?? [];
    return ends.find(({ atNs }) => atNs >= fromNs && atNs <= untilNs) ?? null;
  }

  /** Whether the kernel is known to keep rows of connections to that end. */
  hasRowsTo(address: string, port: number): boolean {
    return this.#responders.has(side(address, port));
  }

  #keep(key: string, end: RowEnd): void {
    const known = this.#byKey.get(key);
    if (known === undefined) this.#byKey.set(key, [end]);
    else known.push(end);
  }

  #forget(count: number): void {
    for (const end of this.#order.slice(0, count)) {
      for (const key of keysOf(end)) {
        const left = (this.#byKey.get(key) ?? []).filter((other) => other !== end);
        if (left.length === 0) this.#byKey.delete(key);
        else this.#byKey.set(key, left);
      }
      for (const place of placesOf(end)) {
        const left = (this.#responders.get(place) ?? 1) - 1;
        if (left === 0) this.#responders.delete(place);
        else this.#responders.set(place, left);
      }
    }
    this.#order = this.#order.slice(count);
    this.#counts.dropped += count;
  }
}

/** One where nothing was translated. */
const keysOf = ({ original, reply }: RowEnd): ReadonlySet<string> =>
  new Set([keyOfTuple(original), keyOfTuple(reply)]);

/** Where the originator thinks that it goes, and who really answers. */
const placesOf = ({ original, reply }: RowEnd): ReadonlySet<string> =>
  new Set([
    side(original.destination, original.destinationPort),
    side(reply.source, reply.sourcePort),
  ]);
