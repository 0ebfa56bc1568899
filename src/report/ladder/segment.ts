/** A captured frame → what a ladder shows of its TCP segment. Reads headers alone. */
import type { CarvedFrame } from '../../capture/addon.ts';
import { findHeaders, type Headers, PROTOCOL } from '../carve/headers.ts';

/** Bit → word, as RFC 9293 section 3.1 lists them from the left. */
const FLAGS = [
  [0x02, 'SYN'],
  [0x01, 'FIN'],
  [0x04, 'RST'],
  [0x08, 'PSH'],
  [0x10, 'ACK'],
  [0x20, 'URG'],
] as const;

export const SYN = 0x02;
export const RST = 0x04;
export const ACK = 0x10;

export interface Segment {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly seq: number;
  readonly ack: number;
  readonly bits: number;
  readonly window: number;
}

export interface Shown {
  readonly ttl: number;
  /** Null for an ICMP error. */
  readonly segment: Segment | null;
  readonly words: string;
  /** Address bytes of the sender, as text that only has to be equal to itself. */
  readonly sender: string;
}

const ICMP_WORDS: Readonly<Record<string, string>> = {
  '4:3:4': 'ICMP: too big',
  '4:3': 'ICMP: unreachable',
  '4:11': 'ICMP: time exceeded',
  '6:1': 'ICMPv6: unreachable',
  '6:2': 'ICMPv6: too big',
  '6:3': 'ICMPv6: time exceeded',
};

function icmpWords(bytes: Uint8Array, { version, transportAt }: Headers): string {
  const [type = 0, code = 0] = bytes.subarray(transportAt, transportAt + 2);
  return (
    ICMP_WORDS[`${version}:${type}:${code}`] ??
    ICMP_WORDS[`${version}:${type}`] ??
    `ICMP type ${type} code ${code}`
  );
}

function segmentAt(bytes: Uint8Array, at: number): Segment | null {
  if (at + 16 > bytes.length) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    sourcePort: view.getUint16(at),
    destinationPort: view.getUint16(at + 2),
    seq: view.getUint32(at + 4),
    ack: view.getUint32(at + 8),
    bits: view.getUint8(at + 13),
    window: view.getUint16(at + 14),
  };
}

export const flagWords = (bits: number): string =>
  FLAGS.flatMap(([bit, word]) => ((bits & bit) === 0 ? [] : [word])).join(' ') || 'no flags';

function addressAt(bytes: Uint8Array, { version, ipAt }: Headers): string {
  const at = ipAt + (version === 4 ? 12 : 8);
  return bytes.subarray(at, at + (version === 4 ? 4 : 16)).join('.');
}

/** Where the IP header in front of a quoted one lies: 20 or 40 bytes and an ICMP header before it. */
function quoting(bytes: Uint8Array, ipAt: number): Headers | null {
  for (const size of [20, 40]) {
    const outer = ipAt >= size + 8 ? findHeaders(bytes, ipAt - 8 - size) : null;
    if (outer === null || outer.transportAt !== ipAt - 8) continue;
    if (outer.protocol === PROTOCOL.icmp || outer.protocol === PROTOCOL.icmp6) return outer;
  }
  return null;
}

/** Null where the headers are not all there. */
export function shownSegment({ bytes, ipOffset }: CarvedFrame): Shown | null {
  const icmp = quoting(bytes, ipOffset);
  const headers = icmp ?? findHeaders(bytes, ipOffset);
  if (headers === null) return null;
  const ttl = bytes[headers.ipAt + (headers.version === 4 ? 8 : 7)] ?? 0;
  const sender = addressAt(bytes, headers);
  if (icmp !== null) return { ttl, segment: null, words: icmpWords(bytes, icmp), sender };
  const segment = segmentAt(bytes, headers.transportAt);
  return segment === null ? null : { ttl, segment, words: flagWords(segment.bits), sender };
}
