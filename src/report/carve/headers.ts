/**
 * Where the headers of a segment lie in captured bytes; every offset is cut to the bytes that are
 * there.
 */
export interface Headers {
  readonly version: 4 | 6;
  readonly ipAt: number;
  readonly transportAt: number;
  /** IP protocol number behind all extension headers. */
  readonly protocol: number;
  /** First byte behind the IP packet's TCP header (behind the fixed ICMP header for ICMP). */
  readonly end: number;
  /** Length of the IP packet by its own header; 0 when that says nothing (TSO). */
  readonly packetBytes: number;
}

export const PROTOCOL = { icmp: 1, tcp: 6, icmp6: 58 } as const;

/**
 * IPv6 headers that may stand between (RFC 8200 §4.1): hop-by-hop, routing, destination options,
 * mobility.
 */
const EXTENSIONS = new Set([0, 43, 60, 135]);
const FRAGMENT = 44;
const AUTHENTICATION = 51;

const IP6_BYTES = 40;
const ICMP_BYTES = 8;

function extensionBytes(protocol: number, lengthField: number): number {
  if (protocol === FRAGMENT) return 8;
  if (protocol === AUTHENTICATION) return (lengthField + 2) * 4;
  return EXTENSIONS.has(protocol) ? (lengthField + 1) * 8 : 0;
}

function behindExtensions(
  bytes: Uint8Array,
  ipAt: number,
): { transportAt: number; protocol: number } {
  let protocol = bytes[ipAt + 6] ?? 0;
  let at = ipAt + IP6_BYTES;
  while (at + 8 <= bytes.length) {
    const length = extensionBytes(protocol, bytes[at + 1] ?? 0);
    if (length === 0) break;
    protocol = bytes[at] ?? 0;
    at += length;
  }
  return { transportAt: at, protocol };
}

function transportBytes(bytes: Uint8Array, at: number, protocol: number): number {
  if (protocol !== PROTOCOL.tcp) return ICMP_BYTES;
  return Math.max(20, ((bytes[at + 12] ?? 0x50) >> 4) * 4);
}

/** Null when no IP header is there. */
export function findHeaders(bytes: Uint8Array, ipAt: number): Headers | null {
  const version = (bytes[ipAt] ?? 0) >> 4;
  if (version !== 4 && version !== 6) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (ipAt + (version === 4 ? 20 : IP6_BYTES) > bytes.length) return null;
  const { transportAt, protocol } =
    version === 4
      ? { transportAt: ipAt + ((bytes[ipAt] ?? 0) & 15) * 4, protocol: bytes[ipAt + 9] ?? 0 }
      : behindExtensions(bytes, ipAt);
  const length = version === 4 ? view.getUint16(ipAt + 2) : view.getUint16(ipAt + 4);
  return {
    version,
    ipAt,
    transportAt: Math.min(transportAt, bytes.length),
    protocol,
    end: Math.min(transportAt + transportBytes(bytes, transportAt, protocol), bytes.length),
    packetBytes: version === 6 && length > 0 ? length + IP6_BYTES : length,
  };
}
