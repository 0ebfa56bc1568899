/** The records of silence.ts as objects: bytes in, names out. Nothing is interpreted here. */
import { ENDING_FLAG, FLOW_FLAG, SIDE_FLAG, SILENCE, SILENCE_BYTES } from './silence.ts';

/** 0 originator, 1 responder. */
export type SideIndex = 0 | 1;

export interface SideRecord {
  readonly nxt: number;
  readonly ack: number;
  readonly tsval: number;
  /** nanoseconds, 0 unknown */
  readonly minRttNs: number;
  readonly window: number;
  readonly ipId: number;
  readonly ttlHandshake: number;
  readonly ttlData: number;
  /** SIDE_FLAG bits */
  readonly flags: number;
}

export interface SilenceRecord {
  readonly startedAtNs: bigint;
  readonly endedAtNs: bigint;
  readonly triggerAtNs: bigint;
  readonly endingAtNs: bigint;
  readonly answeredAtNs: bigint;
  readonly lastRetransmissionAtNs: bigint;
  readonly pairAtNs: bigint;
  readonly icmpAtNs: bigint;
  readonly flowStartedAtNs: bigint;
  readonly lastPayloadAtNs: bigint;
  readonly lastPacketAtNs: bigint;
  readonly frameLastBefore: number;
  readonly frameTrigger: number;
  readonly frameEnding: number;
  readonly framePair: number;
  readonly originatorAddress: string;
  readonly responderAddress: string;
  readonly originatorPort: number;
  readonly responderPort: number;
  readonly capturePoint: number;
  readonly vlan: number;
  readonly tunnelId: number;
  readonly tunnelKind: number;
  readonly ipVersion: number;
  readonly kind: number;
  readonly outcome: number;
  readonly unobservedBecause: number;
  readonly triggerKind: number;
  readonly triggerBy: SideIndex;
  readonly endingKind: number;
  readonly endingBy: SideIndex;
  readonly lastBeforeBy: SideIndex;
  readonly icmpType: number;
  readonly icmpCode: number;
  /** FLOW_FLAG bits */
  readonly flowFlags: number;
  /** ENDING_FLAG bits */
  readonly endingFlags: number;
  readonly triggerSeq: number;
  readonly triggerAck: number;
  readonly triggerEnd: number;
  readonly triggerPayload: number;
  readonly triggerTcpFlags: number;
  readonly endingTcpFlags: number;
  readonly endingTtl: number;
  readonly pairTtl: number;
  readonly retransmissions: number;
  readonly endingIpId: number;
  readonly endingSeq: number;
  readonly endingAck: number;
  readonly endingTsval: number;
  readonly endingWindow: number;
  readonly pairTcpFlags: number;
  readonly pairBy: SideIndex;
  readonly endingPayload: number;
  readonly keepalivesBefore: number;
  readonly keepalivesAnswered: number;
  readonly keepaliveIntervalMs: number;
  readonly packets: number;
  readonly triggerTsval: number;
  readonly triggerIpId: number;
  readonly triggerTtl: number;
  readonly sides: readonly [SideRecord, SideRecord];
}

/** IPv4 dotted, IPv6 in the form of RFC 5952. */
export function addressText(bytes: Uint8Array, version: number): string {
  if (version === 4) return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`;
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0));
  let best = { at: -1, length: 1 };
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) length++;
    if (length > best.length) best = { at: i, length };
  }
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  if (best.at < 0) return hex(groups);
  return `${hex(groups.slice(0, best.at))}::${hex(groups.slice(best.at + best.length))}`;
}

type Reader = (view: DataView, at: number) => unknown;

const READERS: Readonly<Record<string, Reader>> = {
  u8: (view, at) => view.getUint8(at),
  i8: (view, at) => view.getInt8(at),
  u16: (view, at) => view.getUint16(at, true),
  u32: (view, at) => view.getUint32(at, true),
  i32: (view, at) => view.getInt32(at, true),
  u64: (view, at) => view.getBigUint64(at, true),
};

const FRAME_FIELDS = new Set(['frameLastBefore', 'frameTrigger', 'frameEnding', 'framePair']);

function readSide(view: DataView, base: number, index: SideIndex): SideRecord {
  const at = base + (index === 0 ? SILENCE.nxt0[0] : SILENCE.nxt1[0]);
  return {
    nxt: view.getUint32(at, true),
    ack: view.getUint32(at + 4, true),
    tsval: view.getUint32(at + 8, true),
    minRttNs: view.getUint32(at + 12, true),
    window: view.getUint16(at + 16, true),
    ipId: view.getUint16(at + 18, true),
    ttlHandshake: view.getUint8(at + 20),
    ttlData: view.getUint8(at + 21),
    flags: view.getUint16(at + 22, true),
  };
}

const SIDE_FIELD = /^(nxt|ack|tsval|minRttNs|window|ipId|ttlHandshake|ttlData|sideFlags)[01]$/;

/** Reads one Silence record at a byte offset. Little endian, as both languages run on one machine. */
export function readSilence(bytes: Uint8Array, offset: number): SilenceRecord {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint8(offset + SILENCE.ipVersion[0]);
  const record: Record<string, unknown> = {};
  for (const [name, [at, storage]] of Object.entries(SILENCE)) {
    if (SIDE_FIELD.test(name)) continue;
    if (storage === 'bytes16') {
      record[name] = addressText(bytes.subarray(offset + at, offset + at + 16), version);
    } else {
      const value = READERS[storage]?.(view, offset + at);
      record[name] = FRAME_FIELDS.has(name) ? Number(value) : value;
    }
  }
  record['sides'] = [readSide(view, offset, 0), readSide(view, offset, 1)];
  return record as unknown as SilenceRecord;
}

export function* readSilences(bytes: Uint8Array): Generator<SilenceRecord> {
  for (let at = 0; at + SILENCE_BYTES <= bytes.byteLength; at += SILENCE_BYTES) {
    yield readSilence(bytes, at);
  }
}

export const has = (flags: number, bit: number): boolean => (flags & bit) !== 0;
export { ENDING_FLAG, FLOW_FLAG, SIDE_FLAG };
