/**
 * The only way out for a webhook: addresses are checked when the connection is made.
 *
 * A check before the request is worth nothing by itself: a name may answer with another address the
 * next moment (DNS rebinding). So every look-up of every connection passes `vetting`, and
 * request-filtering-agent checks once more what is really connected to. The agent takes the allowed
 * addresses one by one: it logs a stack for a CIDR whose family is not that of the target.
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

/** For one request: no connection is kept, since the next one must be checked again. */
export async function wayTo(url: URL, reach: Reachable): Promise<Way> {
  const addresses = await vetted(url, reach);
  const options = {
    keepAlive: false,
    allowIPAddressList: addresses
      .map(({ address }) => address)
      .filter((address) => reach(address) === 'allowed'),
  };
  const agent =
    url.protocol === 'https:'
      ? new RequestFilteringHttpsAgent(options)
      : new RequestFilteringHttpAgent(options);
  return { agent, lookup: vetting(reach) };
}
