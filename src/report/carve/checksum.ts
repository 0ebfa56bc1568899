/**
 * The Internet checksum (RFC 1071), with the pseudo-header of TCP and ICMPv6 (RFC 9293 §3.1, RFC
 * 8200 §8.1).
 */

/** Sum of 16-bit words; an odd last byte counts as the high one. */
export function wordSum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  return sum;
}

export function foldedComplement(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return ~folded & 0xffff;
}

export const pseudoHeaderSum = (addresses: Uint8Array, protocol: number, length: number): number =>
  wordSum(addresses) + protocol + (length & 0xffff) + (length >>> 16);
