/**
 * Browsers carry other sites' wishes. Two checks keep those out of a service that trusts whoever reaches it:
 *
 * `Host` must be a name of ours, or a page on evil.example could let its own name resolve to 127.0.0.1 and read us as its
 * own origin (DNS rebinding). And a request that changes something must not come from a page of another origin
 * (Origin, RFC 6454; Sec-Fetch-Site, W3C Fetch Metadata). Programs send neither header and pass.
 */
import { isIP } from 'node:net';

const withoutPort = (host: string): string => host.replace(/:\d{1,5}$/, '').toLowerCase();

const bare = (name: string): string => name.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');

/** `names`: those that the operator said this service has. */
export function isOwnHost(host: string | undefined, names: readonly string[]): boolean {
  if (host === undefined) return false;
  const name = bare(withoutPort(host));
  return name === 'localhost' || isIP(name) !== 0 || names.includes(name);
}

/**
 * Whom a request says it wants, once for each time it says so: the target's host, where it is written out (then Host does
 * not count, RFC 9112 §3.2.2), and every Host line, of which Node gives away only the first.
 */
export function hostsAsked(
  target: string,
  rawHeaders: readonly string[],
): readonly (string | undefined)[] {
  const lines = rawHeaders.filter(
    (_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'host',
  );
  const asked = /^https?:\/\/([^/?#]*)/i.exec(target)?.[1];
  if (asked !== undefined) return [asked, ...lines];
  return lines.length === 0 ? [undefined] : lines;
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

interface Headers {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
  readonly 'sec-fetch-site'?: string | string[] | undefined;
}

export function isForeign(method: string, headers: Headers, scheme: 'http' | 'https'): boolean {
  if (SAFE.has(method)) return false;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  return headers.origin !== undefined && headers.origin !== `${scheme}://${headers.host ?? ''}`;
}
