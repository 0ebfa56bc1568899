/** Wrong tokens are counted by the network they come from; too many, and it has to wait. Bounded in memory. */
import { isIPv6 } from 'node:net';
import { addressKey } from '../../store/address-key.ts';

/** Chosen: more than any person mistypes, far less than guessing needs. */
const MOST = 10;
const WINDOW_MS = 60_000;
const NETWORKS = 10_000;

interface Tally {
  readonly since: number;
  count: number;
}

/** An IPv6 host has a /64 of addresses to come from. */
const networkOf = (address: string): string =>
  isIPv6(address) && !address.startsWith('::ffff:')
    ? (addressKey(address) ?? address).slice(0, 16)
    : address;

export class Failures {
  readonly #tallies = new Map<string, Tally>();
  #total = 0;

  /** Since the start, for the metrics. */
  get total(): number {
    return this.#total;
  }

  /** Seconds until this address may try again; 0 when it may. */
  waitOf(address: string, now: number): number {
    const tally = this.#tallies.get(networkOf(address));
    if (tally === undefined || tally.count < MOST) return 0;
    return Math.max(0, Math.ceil((tally.since + WINDOW_MS - now) / 1000));
  }

  count(address: string, now: number): void {
    this.#total++;
    const network = networkOf(address);
    const known = this.#tallies.get(network);
    if (known !== undefined && now - known.since < WINDOW_MS) {
      known.count++;
      return;
    }
    this.#tallies.delete(network);
    if (this.#tallies.size >= NETWORKS) this.#forgetOldest();
    this.#tallies.set(network, { since: now, count: 1 });
  }

  #forgetOldest(): void {
    const [oldest] = this.#tallies.keys();
    if (oldest !== undefined) this.#tallies.delete(oldest);
  }
}
