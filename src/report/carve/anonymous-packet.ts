/**
 * A captured frame rebuilt without anything that names anybody: from the innermost IP header on
 * (link and tunnel headers hold addresses), headers alone, addresses masked wherever headers carry
 * them, checksums made new.
 *
 * Checksums are computed over what is kept, not adjusted: an adjusted one would still tell 16 bits
 * about the true addresses where the captured one was unfinished (checksum offload).
 */
import type { MaskBytes } from '../anonymize/crypto-pan.ts';
import { foldedComplement, pseudoHeaderSum, wordSum } from './checksum.ts';
import { findHeaders, type Headers, PROTOCOL } from './headers.ts';

export interface RawPacket {
  readonly bytes: Uint8Array;
  readonly wireBytes: number;
}

const NOP = 1;
/** Multipath TCP (RFC 8684): ADD_ADDR carries addresses. */
const MPTCP = 30;
const ROUTING = 43;

/** Source and destination, wherever this version keeps them. */
const ADDRESSES = { 4: { at: 12, bytes: 4 }, 6: { at: 8, bytes: 16 } } as const;

function setChecksum(bytes: Uint8Array, at: number, sum: () => number): void {
  if (at + 2 > bytes.length) return;
  bytes.fill(0, at, at + 2);
  const checksum = foldedComplement(sum());
  bytes[at] = checksum >> 8;
  bytes[at + 1] = checksum & 0xff;
}

function maskAddresses(bytes: Uint8Array, { version, ipAt }: Headers, mask: MaskBytes): void {
  const { at, bytes: length } = ADDRESSES[version];
  for (const from of [ipAt + at, ipAt + at + length]) {
    bytes.set(mask(bytes.subarray(from, from + length)), from);
  }
}

/** IPv4 options (RFC 791: routes, security) are blanked; of IPv6 routing headers the addresses. */
function blankIpOptions(bytes: Uint8Array, { version, ipAt, transportAt }: Headers): void {
  if (version === 4) {
    bytes.fill(NOP, ipAt + 20, transportAt);
    return;
  }
  let protocol = bytes[ipAt + 6];
  for (let at = ipAt + 40; at + 8 <= transportAt; ) {
    const length = protocol === 44 ? 8 : ((bytes[at + 1] ?? 0) + 1) * 8;
    if (protocol === ROUTING) bytes.fill(0, at + 4, Math.min(at + length, transportAt));
    protocol = bytes[at];
    at += length;
  }
}

function blankTcpOptions(bytes: Uint8Array, { transportAt, end }: Headers): void {
  for (let at = transportAt + 20; at < end; ) {
    const kind = bytes[at] ?? 0;
    if (kind === 0) return;
    const length = kind === NOP ? 1 : Math.max(2, bytes[at + 1] ?? 2);
    if (kind === MPTCP) bytes.fill(NOP, at, Math.min(at + length, end));
    at += length;
  }
}

function renewChecksums(bytes: Uint8Array, headers: Headers): void {
  const { version, ipAt, transportAt, protocol, end } = headers;
  if (version === 4)
    setChecksum(bytes, ipAt + 10, () => wordSum(bytes.subarray(ipAt, transportAt)));
  const { at, bytes: length } = ADDRESSES[version];
  const addresses = bytes.subarray(ipAt + at, ipAt + at + 2 * length);
  const wire =
    headers.packetBytes > 0 ? headers.packetBytes - (transportAt - ipAt) : end - transportAt;
  const message = bytes.subarray(transportAt);
  const withPseudo = () => pseudoHeaderSum(addresses, protocol, wire) + wordSum(message);
  if (protocol === PROTOCOL.tcp) {
    setChecksum(
      bytes,
      transportAt + 16,
      () => pseudoHeaderSum(addresses, protocol, wire) + wordSum(bytes.subarray(transportAt, end)),
    );
  } else if (protocol === PROTOCOL.icmp6) {
    setChecksum(bytes, transportAt + 2, withPseudo);
  } else {
    setChecksum(bytes, transportAt + 2, () => wordSum(message));
  }
}

function maskHeaders(bytes: Uint8Array, headers: Headers, mask: MaskBytes): void {
  maskAddresses(bytes, headers, mask);
  blankIpOptions(bytes, headers);
  if (headers.protocol === PROTOCOL.tcp) blankTcpOptions(bytes, headers);
  renewChecksums(bytes, headers);
}

/**
 * The IP header of the ICMP error that quotes the header at `ipAt`; null when nothing quotes it.
 */
function quotedBy(bytes: Uint8Array, ipAt: number): Headers | null {
  for (const size of [20, 40]) {
    const outer = ipAt >= size + 8 ? findHeaders(bytes, ipAt - 8 - size) : null;
    if (outer === null || outer.end !== ipAt || outer.transportAt !== ipAt - 8) continue;
    if (outer.version === 4 && outer.protocol === PROTOCOL.icmp) return outer;
    if (outer.version === 6 && outer.protocol === PROTOCOL.icmp6) return outer;
  }
  return null;
}

/** Null when the headers are not all there: what cannot be masked is left out. */
export function anonymousPacket(
  frame: Uint8Array,
  ipAt: number,
  mask: MaskBytes,
): RawPacket | null {
  const inner = findHeaders(frame, ipAt);
  if (inner === null) return null;
  const outer = quotedBy(frame, ipAt);
  const start = outer?.ipAt ?? ipAt;
  const bytes = Uint8Array.from(frame.subarray(start, inner.end));
  const masked = findHeaders(bytes, ipAt - start);
  if (masked === null) return null;
  maskHeaders(bytes, masked, mask);
  const whole = findHeaders(bytes, 0);
  if (outer !== null && whole !== null) maskHeaders(bytes, whole, mask);
  return { bytes, wireBytes: Math.max(bytes.length, (outer ?? inner).packetBytes) };
}
