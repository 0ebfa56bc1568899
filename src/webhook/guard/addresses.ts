/**
 * Which addresses a webhook may reach.
 *
 * Whoever may write a subscription must not be able to talk to what only this host can reach: itself,
 * its private networks, the metadata service of a cloud (OWASP, "Server Side Request Forgery
 * Prevention"). So only global unicast is reachable, and what the operator allowed by
 * `--webhook-allow`. Ranges: the IANA special-purpose address registries (RFC 6890).
 */
import { BlockList, isIP, isIPv4 } from 'node:net';
import { AppError } from '../../base/errors.ts';

const SPECIAL_4 = (
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 ' +
  '192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 ' +
  '198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3'
).split(' ');

/** Global unicast is 2000::/3 (RFC 4291 §2.4); these parts of it lead elsewhere. */
const SPECIAL_6 = '2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20'.split(' ');

export interface Cidr {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** "10.0.0.5/32", or a bare address; null when it is neither. */
export function parseCidr(text: string): Cidr | null {
  const [address = '', length, ...more] = text.trim().split('/');
  if (isIP(address) === 0 || address.includes('%') || more.length > 0) return null;
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  const most = family === 'ipv4' ? 32 : 128;
  const prefix = length === undefined ? most : /^\d{1,3}$/.test(length) ? Number(length) : most + 1;
  return prefix <= most ? { address, prefix, family } : null;
}

function listOf(cidrs: readonly Cidr[]): BlockList {
  const list = new BlockList();
  for (const { address, prefix, family } of cidrs) list.addSubnet(address, prefix, family);
  return list;
}

const known = (texts: readonly string[]): BlockList =>
  listOf(
    texts.flatMap((text) => {
      const cidr = parseCidr(text);
      return cidr === null ? [] : [cidr];
    }),
  );

const special = known([...SPECIAL_4, ...SPECIAL_6]);
const globalUnicast6 = known(['2000::/3']);

const isGlobal = (address: string): boolean =>
  isIPv4(address)
    ? !special.check(address, 'ipv4')
    : globalUnicast6.check(address, 'ipv6') && !special.check(address, 'ipv6');

/** `allowed`: by the operator alone; `global`: anybody may reach it. */
export type Reach = 'global' | 'allowed' | 'refused';

export interface Reachable {
  (address: string): Reach;
}

/** `allow`: the values of --webhook-allow. Throws E_USAGE for one that is no CIDR. */
export function reachableWith(allow: readonly string[]): Reachable {
  const cidrs = allow.map((text) => {
    const cidr = parseCidr(text);
    if (cidr !== null) return cidr;
    throw new AppError(
      'E_USAGE',
      `--webhook-allow: "${text}" is neither an address nor a CIDR`,
      'write --webhook-allow 10.0.0.5/32',
    );
  });
  const operator = listOf(cidrs);
  return (address) => {
    // "::ffff:10.0.0.5" is not "10.0.0.5": node's BlockList would match it with the IPv4 rule.
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    const mapped = family === 'ipv6' && /^::(?:ffff:)?[\d.]+$|^::ffff:/i.test(address);
    if (isIP(address) === 0 || mapped) return 'refused';
    if (operator.check(address, family)) return 'allowed';
    return isGlobal(address) ? 'global' : 'refused';
  };
}
