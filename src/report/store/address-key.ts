/**
 * Addresses as the store sorts them: 32 hex digits, IPv4 mapped into IPv6 (RFC 4291 §2.5.5.2), so that a CIDR block of
 * either family is one range of keys.
 */
import { isIP } from 'node:net';
import { addressBytes } from '../address.ts';

export interface KeyRange {
  readonly from: string;
  readonly to: string;
}

const MAPPED = '00000000000000000000ffff';

const keyOf = (address: string): string => {
  const hex = Buffer.from(addressBytes(address)).toString('hex');
  return hex.length === 8 ? MAPPED + hex : hex;
};

/** Null when it is no address. */
export const addressKey = (address: string): string | null =>
  isIP(address) === 0 || address.includes('%') ? null : keyOf(address);

/** The last key that shares the first `bits` bits (the first has zeros there). */
function filled(key: string, bits: number, digit: '0' | 'f'): string {
  const whole = Math.floor(bits / 4);
  const rest = bits % 4;
  if (rest === 0) return key.slice(0, whole).padEnd(32, digit);
  const mask = (0xf0 >> rest) & 0xf;
  const nibble = Number.parseInt(key[whole] ?? '0', 16);
  const edge = digit === '0' ? nibble & mask : nibble | (~mask & 0xf);
  return (key.slice(0, whole) + edge.toString(16)).padEnd(32, digit);
}

/** "10.0.0.0/8", "2001:db8::/32" or one address; null when it is neither. */
export function keyRange(text: string): KeyRange | null {
  const match = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text);
  const key = addressKey(match?.[1] ?? '');
  if (key === null) return null;
  const width = isIP(match?.[1] ?? '') === 4 ? 32 : 128;
  const length = match?.[2] === undefined ? width : Number(match[2]);
  if (length > width) return null;
  const bits = length + 128 - width;
  return { from: filled(key, bits, '0'), to: filled(key, bits, 'f') };
}
