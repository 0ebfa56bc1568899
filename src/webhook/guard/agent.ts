/**
 * The only way out for a webhook: addresses are checked when the connection is made.
 *
 * A check before the request is worth nothing by itself: a name may answer with another address the
 * next moment (DNS rebinding). So every look-up of every connection passes `vetting`, and
 * request-filtering-agent checks once more what is really connected to. The agent takes the allowed
 * addresses one by one: it logs a stack for a CIDR whose family is not that of the target.
 *
 * A connection that was checked when it was made may carry further requests: whatever its name answers
 * by then, it leads where it led. Kept ones are what a thousand deliveries a second need.
 */
import { type LookupAddress, lookup } from 'node:dns';
import { lookup as lookupAll } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import type { Agent } from 'node:http';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';
import type { Reachable } from './addresses.ts';

export class AddressRefused extends Error {
  readonly address: string;

  constructor(host: string, address: string) {
    const who = host === address ? address : `${host} is ${address}, which`;
    super(`${who} may not be reached by webhooks; the operator can allow it with --webhook-allow`);
    this.name = 'AddressRefused';
    this.address = address;
  }
}

/** URL.hostname without the brackets of an IPv6 address. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1');

/** RFC 6761 §6.3: whatever a name server says, these are this host. */
const isLocalName = (host: string): boolean => /(?:^|\.)localhost\.?$/i.test(host);

function refuse(host: string, addresses: readonly LookupAddress[], reach: Reachable): void {
  const bad = addresses.find(({ address }) => reach(address) === 'refused');
  if (bad !== undefined) throw new AddressRefused(host, bad.address);
}

/** All addresses of the host, none of them refused; throws AddressRefused, or what DNS says. */
export async function vetted(url: URL, reach: Reachable): Promise<readonly LookupAddress[]> {
  const host = hostOf(url);
  const family = isIP(host);
  if (isLocalName(host)) refuse(host, [{ address: '127.0.0.1', family: 4 }], reach);
  const addresses =
    family === 0 ? await lookupAll(host, { all: true }) : [{ address: host, family }];
  refuse(host, addresses, reach);
  return addresses;
}

const vetting =
  (reach: Reachable): LookupFunction =>
  (host, options, done) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return done(error, '');
      try {
        refuse(host, addresses, reach);
      } catch (refused) {
        return done(refused as NodeJS.ErrnoException, '');
      }
      const [first] = addresses;
      if (options.all === true) return done(null, addresses);
      return done(null, first?.address ?? '', first?.family);
    });
  };

export interface Way {
  readonly agent: Agent;
  readonly lookup: LookupFunction;
}

interface KeptWay extends Way {
  /** The operator's addresses that its agent may connect to. */
  readonly allowed: readonly string[];
}

/**
 * Chosen: below the 5 s after which many servers (Node's own) hang up, and far below the idle timeout of any
 * box on the way, which would let the next request wait for nothing.
 */
const IDLE_MS = 4000;
/** Chosen: origins whose connections are kept; with one more the oldest lets go of its idle ones. */
const ORIGINS_KEPT = 256;

const hasIdle = ({ freeSockets }: Agent): boolean =>
  Object.values(freeSockets).some((sockets) => sockets !== undefined && sockets.length > 0);

function agentFor(url: URL, allowed: readonly string[], keepAlive: boolean): Agent {
  const idle = keepAlive ? { timeout: IDLE_MS } : {};
  const options = { keepAlive, ...idle, allowIPAddressList: [...allowed] };
  return url.protocol === 'https:'
    ? new RequestFilteringHttpsAgent(options)
    : new RequestFilteringHttpAgent(options);
}

const sameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((address, at) => address === b[at]);

/** The ways out, by origin: a connection is checked when it is made, and what it was made to stays. */
export class Ways {
  readonly #reach: Reachable;
  readonly #kept = new Map<string, KeptWay>();

  constructor(reach: Reachable) {
    this.#reach = reach;
  }

  /** Over a connection that stands, where one is idle; else over a new one, looked up and checked. */
  async to(url: URL): Promise<Way> {
    const kept = this.#kept.get(url.origin);
    if (kept !== undefined && hasIdle(kept.agent)) return kept;
    const allowed = await this.#allowed(url);
    const known = this.#kept.get(url.origin);
    return known !== undefined && sameList(known.allowed, allowed)
      ? known
      : this.#keep(url, allowed);
  }

  /** For one request: always over a connection of its own. Whoever asks destroys its agent. */
  async once(url: URL): Promise<Way> {
    const allowed = await this.#allowed(url);
    return { agent: agentFor(url, allowed, false), lookup: vetting(this.#reach) };
  }

  /** Idle connections go; those in use end with their request. */
  close(): void {
    for (const way of this.#kept.values()) endIdle(way);
    this.#kept.clear();
  }

  async #allowed(url: URL): Promise<string[]> {
    const addresses = await vetted(url, this.#reach);
    return addresses
      .map(({ address }) => address)
      .filter((address) => this.#reach(address) === 'allowed')
      .sort();
  }

  #keep(url: URL, allowed: readonly string[]): KeptWay {
    this.#letGo(url.origin);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= ORIGINS_KEPT && oldest !== undefined) this.#letGo(oldest);
    const way = { agent: agentFor(url, allowed, true), lookup: vetting(this.#reach), allowed };
    this.#kept.set(url.origin, way);
    return way;
  }

  #letGo(origin: string): void {
    const way = this.#kept.get(origin);
    if (way === undefined) return;
    this.#kept.delete(origin);
    endIdle(way);
  }
}

function endIdle({ agent }: Way): void {
  for (const sockets of Object.values(agent.freeSockets)) {
    for (const socket of sockets ?? []) socket.destroy();
  }
}
