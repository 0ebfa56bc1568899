/** The records of silence.ts as objects: bytes in, names out. Nothing is interpreted here. */
import type { SideIndex } from './packed.ts';
import { addressText, type Responder, Responders } from './responders.ts';
import { SideFields, SilenceFields } from './silence-fields.ts';
import { ENDING_FLAG, FLOW_FLAG, SIDE_FLAG, SILENCE, SILENCE_BYTES } from './silence.ts';

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
  readonly reconnectedAtNs: bigint;
  readonly frameReconnect: number;
  readonly reconnectPort: number;
  readonly sides: readonly [SideRecord, SideRecord];
  /** Who answers: one object for all records of one table that have the same; not every record has it. */
  readonly responder?: Responder | undefined;
}

/** Few addresses and responders stand in many records: their texts are made once for all records of one array. */
class Shared {
  readonly texts = new Map<number, string>();
  readonly responders: Responders;

  constructor(view: DataView) {
    this.responders = new Responders(view);
  }
}

class PackedSilence extends SilenceFields implements SilenceRecord {
  readonly shared: Shared;
  /** Not `#`: a record may be the prototype of another (withAddresses). */
  private made: readonly [SideFields, SideFields] | undefined;
  private answers: Responder | undefined;

  constructor(view: DataView, at: number, shared: Shared) {
    super(view, at);
    this.shared = shared;
  }

  address(offset: number): string {
    const at = this.at + offset;
    const version = this.view.getUint8(this.at + SILENCE.ipVersion[0]);
    if (version !== 4) return addressText(this.bytes(at), version);
    const number = this.view.getUint32(at, true);
    let text = this.shared.texts.get(number);
    if (text === undefined) {
      text = addressText(this.bytes(at), 4);
      this.shared.texts.set(number, text);
    }
    return text;
  }

  bytes(at: number): Uint8Array {
    return new Uint8Array(this.view.buffer, this.view.byteOffset + at, 16);
  }

  get originatorAddress(): string {
    return this.address(SILENCE.originatorAddress[0]);
  }

  get responderAddress(): string {
    return this.address(SILENCE.responderAddress[0]);
  }

  get responder(): Responder {
    this.answers ??= this.shared.responders.of(this.at);
    return this.answers;
  }

  get sides(): readonly [SideFields, SideFields] {
    const { view, at } = this;
    this.made ??= [new SideFields(view, at), new SideFields(view, at + SIDE_BYTES)];
    return this.made;
  }
}

const SIDE_BYTES = SILENCE.nxt1[0] - SILENCE.nxt0[0];

/** One Silence record at a byte offset. */
export function readSilence(bytes: Uint8Array, offset: number): SilenceRecord {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, SILENCE_BYTES);
  return new PackedSilence(view, 0, new Shared(view));
}

/** All records of one array, by their place in it; what is torn at its end is none. */
export class SilenceTable {
  readonly view: DataView;
  readonly count: number;
  readonly #shared: Shared;

  constructor(bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.count = Math.floor(bytes.byteLength / SILENCE_BYTES);
    this.#shared = new Shared(this.view);
  }

  record(index: number): SilenceRecord {
    const at = index * SILENCE_BYTES;
    return new PackedSilence(this.view, at, this.#shared);
  }

  responder(index: number): Responder {
    return this.#shared.responders.of(index * SILENCE_BYTES);
  }
}

export function* readSilences(
  bytes: Uint8Array,
  wanted: (outcome: number) => boolean = () => true,
): Generator<SilenceRecord> {
  const table = new SilenceTable(bytes);
  for (let i = 0; i < table.count; i++) {
    const outcome = table.view.getUint8(i * SILENCE_BYTES + SILENCE.outcome[0]);
    if (wanted(outcome)) yield table.record(i);
  }
}

/** The same record under other addresses. */
export const withAddresses = (
  record: SilenceRecord,
  originatorAddress: string,
  responderAddress: string,
): SilenceRecord =>
  Object.create(record, {
    originatorAddress: { value: originatorAddress, enumerable: true },
    responderAddress: { value: responderAddress, enumerable: true },
    responder: { value: undefined },
  }) as SilenceRecord;

/** The same record in bytes of its own: the whole table that it stood in may be given up. */
export function ownCopy(record: SilenceRecord): SilenceRecord {
  if (record instanceof PackedSilence && Object.hasOwn(record, 'view')) {
    const { view, at } = record;
    return readSilence(new Uint8Array(view.buffer, view.byteOffset + at, SILENCE_BYTES).slice(), 0);
  }
  const from: unknown = Object.getPrototypeOf(record);
  if (!(from instanceof PackedSilence)) return record;
  // The same as another but for some fields.
  const {
    made: _made,
    answers: _answers,
    ...fields
  } = Object.getOwnPropertyDescriptors(record) as Readonly<Record<string, PropertyDescriptor>>;
  return Object.create(ownCopy(from), fields) as SilenceRecord;
}

export { addressText, type Responder, type SideIndex };
export const has = (flags: number, bit: number): boolean => (flags & bit) !== 0;
export { ENDING_FLAG, FLOW_FLAG, SIDE_FLAG };
