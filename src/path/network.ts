/** Neighbours: addresses of one /24 (IPv4) or /64 (IPv6), as text. */
import type { PathMember } from './facts.ts';

/** The sixteen-bit groups of an address in the form of RFC 5952, "::" filled in. */
function groups(address: string): readonly string[] {
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  if (tail === undefined) return left;
  const right = tail === '' ? [] : tail.split(':');
  const dotted = right.at(-1)?.includes('.') === true ? 1 : 0;
  const zeros = Math.max(0, 8 - left.length - right.length - dotted);
  return [...left, ...new Array<string>(zeros).fill('0'), ...right];
}

/** The first four groups, the longest run of zeros written as RFC 5952 has it. */
function prefix64(address: string): string {
  const kept = groups(address).slice(0, 4);
  while (kept.at(-1) === '0') kept.pop();
  return `${kept.join(':')}::/64`;
}

export const networkOf = (address: string, ipVersion: number): string =>
  ipVersion === 6 ? prefix64(address) : `${address.split('.').slice(0, 3).join('.')}.0/24`;

/** The network that a path's responders share: one address where there is one. */
export function sharedNetwork(members: readonly PathMember[], ipVersion: number): string {
  const addresses = new Set(members.map(({ responderAddress }) => responderAddress));
  const [only = ''] = addresses;
  if (addresses.size === 1) return `${only}/${ipVersion === 6 ? 128 : 32}`;
  return networkOf(only, ipVersion);
}
