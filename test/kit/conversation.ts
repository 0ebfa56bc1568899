/**
 * Two sides that speak TCP correctly: sequence and acknowledgement numbers, timestamps and IP-IDs are kept per
 * side, so that a picture need only say flags and byte counts. Deviations are words on the line.
 */
import type { Line, Shift } from './line.ts';
import {
  type Endpoint,
  synOptions,
  TCP_FLAG,
  type TcpFields,
  tcpPacket,
  timestampOption,
} from './wire.ts';

export interface Side {
  readonly endpoint: Endpoint;
  readonly ttl: number;
  /** next sequence number to send */
  nxt: number;
  /** what the other side's bytes have reached here: the acknowledgement to send */
  received: number;
  ipId: number;
  tsRecent: number;
  readonly tsBase: number;
  window: number;
  /** last segment that occupied sequence space */
  last: Segment | null;
  /** last segment sent at all, and its IP packet */
  sent: Segment | null;
  packet: Buffer | null;
}

/** What TCP says, before it has an address or a TTL. */
export interface Segment {
  readonly seq: number;
  readonly ack: number;
  readonly flags: number;
  readonly length: number;
}

export interface Settings {
  readonly timestamps: boolean;
}

const wrap = (value: number): number => value >>> 0;

const shifted = (base: number, by: Shift | undefined): number =>
  by === undefined ? base : wrap(by.relative ? base + by.value : by.value);

/** SYN and FIN take a number each (RFC 9293 §3.4). */
const span = (segment: Segment): number =>
  segment.length + (segment.flags & TCP_FLAG.SYN ? 1 : 0) + (segment.flags & TCP_FLAG.FIN ? 1 : 0);

const endOf = (segment: Segment): number => wrap(segment.seq + span(segment));

/** The later of two numbers on the circle. */
const later = (a: number, b: number): number => (((b - a) | 0) > 0 ? b : a);

/** RFC 9293 §3.10.7.1: what nobody's tuple is answered with. */
function stateless(to: Side): Segment {
  const trigger = to.sent ?? { seq: to.nxt, ack: 0, flags: 0, length: 0 };
  if (trigger.flags & TCP_FLAG.ACK)
    return { seq: trigger.ack, ack: 0, flags: TCP_FLAG.RST, length: 0 };
  return { seq: 0, ack: endOf(trigger), flags: TCP_FLAG.RST | TCP_FLAG.ACK, length: 0 };
}

function repeated(from: Side): Segment {
  if (from.last === null) throw new Error('nothing to retransmit');
  return { ...from.last, ack: from.received };
}

/** The segment that this side would send for this line. */
function plan(line: Line, from: Side, to: Side): Segment {
  const { words } = line;
  if (words.has('stateless')) return stateless(to);
  if (words.has('RETRANSMIT')) return repeated(from);
  const probe = words.has('KEEPALIVE') || words.has('WINDOW-PROBE') ? TCP_FLAG.ACK : 0;
  const socket = words.has('socket') ? TCP_FLAG.RST | TCP_FLAG.ACK : 0;
  const box = words.has('box') ? TCP_FLAG.RST : 0;
  const flags = line.flags | probe | socket | box;
  const seq = words.has('KEEPALIVE') ? wrap(from.nxt - 1) : from.nxt;
  const length = words.has('WINDOW-PROBE') ? 1 : line.bytes;
  return { seq, ack: flags & TCP_FLAG.ACK ? from.received : 0, flags, length };
}

/** No options, no window, no counter: whoever makes these has no socket. */
const isBare = (line: Line): boolean => line.words.has('stateless') || line.words.has('box');

function options(line: Line, segment: Segment, from: Side, ms: number, settings: Settings): Buffer {
  const none = Buffer.alloc(0);
  if (isBare(line)) return none;
  const with_ = settings.timestamps && !line.words.has('no-ts');
  const stamps = with_ ? timestampOption(line.tsval ?? from.tsBase + ms, from.tsRecent) : none;
  return segment.flags & TCP_FLAG.SYN ? synOptions(stamps) : stamps;
}

/** Linux: 0 with DF for a stateless reset and for a SYN-ACK, else a counter per connection. */
function ipId(line: Line, segment: Segment, from: Side): number {
  if (line.id !== undefined) return line.id;
  if (line.words.has('stateless')) return 0;
  if (line.words.has('box')) return 0x7a31;
  if ((segment.flags & TCP_FLAG.SYN) !== 0 && (segment.flags & TCP_FLAG.ACK) !== 0) return 0;
  from.ipId = (from.ipId + 1) & 0xffff;
  return from.ipId;
}

function windowOf(line: Line, segment: Segment, from: Side): number {
  if (isBare(line)) return line.win ?? 0;
  if (line.win !== undefined) from.window = line.win;
  return segment.flags & TCP_FLAG.SYN ? 64240 : from.window;
}

/** Bytes that any dissector takes for nothing in particular, behind what the line says. */
function payload(length: number, says = ''): Buffer {
  const all = Buffer.alloc(length, 0x2e);
  Buffer.from(says, 'hex').copy(all);
  return all;
}

function remember(line: Line, segment: Segment, from: Side, to: Side, tsval: number): void {
  const probe = line.words.has('KEEPALIVE') || line.words.has('WINDOW-PROBE');
  const regular = line.seq === undefined && !probe && !isBare(line);
  if (regular && span(segment) > 0 && !(segment.flags & TCP_FLAG.RST)) {
    from.nxt = later(from.nxt, endOf(segment));
    from.last = segment;
  }
  if (!line.words.has('undelivered') && regular) {
    to.received =
      segment.flags & TCP_FLAG.SYN ? endOf(segment) : later(to.received, endOf(segment));
    to.tsRecent = tsval;
  }
  from.sent = segment;
}

/** Plays one line: the IP packet that goes out; both sides remember it. */
export function speak(line: Line, from: Side, to: Side, settings: Settings): Buffer {
  const planned = plan(line, from, to);
  const segment = {
    ...planned,
    seq: shifted(planned.seq, line.seq),
    ack: shifted(planned.ack, line.ack),
  };
  const ms = Number(line.at / 1_000_000n);
  const tcp: TcpFields = {
    sourcePort: from.endpoint.port,
    destinationPort: to.endpoint.port,
    ...segment,
    window: windowOf(line, segment, from),
    options: options(line, segment, from, ms, settings),
    payload: payload(segment.length, line.says),
  };
  const ip = {
    source: from.endpoint.address,
    destination: to.endpoint.address,
    ttl: line.ttl ?? from.ttl,
    id: ipId(line, segment, from),
    dontFragment: true,
  };
  remember(line, segment, from, to, line.tsval ?? from.tsBase + ms);
  from.packet = tcpPacket(ip, tcp);
  return from.packet;
}
