/** Addresses as /proc/net/tcp writes them, and networks that hold them. */
import { BlockList, isIPv4 } from 'node:net';
import { endianness } from 'node:os';

const HEX_WORD = 8;

/**
 * Words of 32 bits in the byte order of the machine, each as eight hex digits
 * (net/ipv4/tcp_ipv4.c).
 */
function bytesOf(hex: string, littleEndian: boolean): number[] {
  const words = hex.match(new RegExp(`.{${HEX_WORD}}`, 'g')) ?? [];
  return words.flatMap((word) => {
    const bytes = (word.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
    return littleEndian ? bytes.reverse() : bytes;
  });
}

/** RFC 5952: the longest run of zero groups, the first of equals and at least two, is "::". */
function ipv6(bytes: readonly number[]): string {
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  const runs = [
    ...groups
      .map((group) => (group === '0' ? '0' : '-'))
      .join('')
      .matchAll(/0{2,}/g),
  ];
  const [longest] = runs.sort((a, b) => b[0].length - a[0].length || a.index - b.index);
  if (longest === undefined) return groups.join(':');
  const head = groups.slice(0, longest.index).join(':');
  const tail = groups.slice(longest.index + longest[0].length).join(':');
  return `${head}::${tail}`;
}

/** RFC 4291 2.5.5.2, ::ffff:0:0/96: an IPv4 connection on an IPv6 socket. */
const isMapped = (bytes: readonly number[]): boolean =>
  bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;

export function addressOf(hex: string, littleEndian = endianness() === 'LE'): string {
  const bytes = bytesOf(hex, littleEndian);
  if (bytes.length === 4) return bytes.join('.');
  return isMapped(bytes) ? bytes.slice(12).join('.') : ipv6(bytes);
}

const family = (address: string): 'ipv4' | 'ipv6' => (isIPv4(address) ? 'ipv4' : 'ipv6');

/** Whether an address lies in "198.51.100.0/24"; a network that is none holds nothing. */
export function networkTest(network: string): (address: string) => boolean {
  const list = new BlockList();
  const [base = '', prefix = ''] = network.split('/');
  try {
    list.addSubnet(base, Number(prefix), family(base));
  } catch {
    return () => false;
  }
  return (address) => list.check(address, family(address));
}

/** Never leaves the machine: 127.0.0.0/8 (RFC 1122 3.2.1.3) and ::1. */
export const isLoopback = (address: string): boolean =>
  address === '::1' || address.startsWith('127.');

export const endpointText = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
