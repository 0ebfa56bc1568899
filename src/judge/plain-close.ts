/**
 * Closes that stay packed: nine of ten records of a busy capture are connections that one side closed in order, of which
 * no rule has anything to say but idle-close, and that only where many agree. They are told apart by their bytes, kept as
 * columns, and become records and judgements when somebody asks.
 *
 * A plain close is a FIN that was heard, that nothing had asked for, after no FIN before, on an established connection,
 * at the distance of its sender's other packets, with no reset beside it: then the gate, expiry-fin and every other rule
 * say `closed` without a finding, whatever the scene (proven by test/judge/plain-close.test.ts). What is not plain goes
 * the way of all records.
 */
import type { SideIndex, SilenceRecord } from '../base/record.ts';
import type { Responder } from '../base/responders.ts';
import { SilenceTable } from '../base/record.ts';
import {
  ENDING,
  FLOW_FLAG,
  OUTCOME,
  SIDE_FLAG,
  SILENCE,
  SILENCE_BYTES,
  SILENCE_KIND,
  TRIGGER,
} from '../base/silence.ts';
import { explained } from './compose.ts';
import type { Judgement } from './finding.ts';
import { byEnding } from './ending-order.ts';

const BOTH_SAW = FLOW_FLAG.sawSide0 | FLOW_FLAG.sawSide1;
const SENT_FIN = SIDE_FLAG.fin | SIDE_FLAG.finInferred;

const established = (flags: number): boolean =>
  (flags & FLOW_FLAG.handshakeDone) !== 0 ||
  ((flags & FLOW_FLAG.midStream) !== 0 && (flags & BOTH_SAW) === BOTH_SAW);

const isZero = (view: DataView, at: number): boolean =>
  view.getUint32(at) === 0 && view.getUint32(at + 4) === 0;

const isSame = (view: DataView, one: number, other: number): boolean =>
  view.getUint32(one) === view.getUint32(other) &&
  view.getUint32(one + 4) === view.getUint32(other + 4);

export function isPlainClose(view: DataView, at: number): boolean {
  if (view.getUint8(at + SILENCE.outcome[0]) !== OUTCOME.closed) return false;
  if (view.getUint8(at + SILENCE.triggerKind[0]) !== TRIGGER.none) return false;
  if (view.getUint8(at + SILENCE.endingKind[0]) !== ENDING.fin) return false;
  if (view.getUint16(at + SILENCE.retransmissions[0]) !== 0) return false;
  if (!established(view.getUint32(at + SILENCE.flowFlags[0], true))) return false;
  const by = view.getUint8(at + SILENCE.endingBy[0]);
  const [own, other] =
    by === 0
      ? [SILENCE.ttlData0[0], SILENCE.sideFlags1[0]]
      : [SILENCE.ttlData1[0], SILENCE.sideFlags0[0]];
  if ((view.getUint16(at + other, true) & SENT_FIN) !== 0) return false;
  if (view.getUint8(at + SILENCE.endingTtl[0]) !== view.getUint8(at + own)) return false;
  return isTimedAlone(view, at);
}

/** Its ending is the one moment it has, and no second reset stands beside it. */
const isTimedAlone = (view: DataView, at: number): boolean =>
  isZero(view, at + SILENCE.pairAtNs[0]) &&
  isZero(view, at + SILENCE.frameTrigger[0]) &&
  isSame(view, at + SILENCE.endedAtNs[0], at + SILENCE.endingAtNs[0]) &&
  !isZero(view, at + SILENCE.endingAtNs[0]);

const TWO_32 = 2 ** 32;

/** From one moment to another in nanoseconds: exact below 104 days (2^53 ns), else rounded once. */
const between = (view: DataView, from: number, until: number): number =>
  (view.getUint32(until + 4, true) - view.getUint32(from + 4, true)) * TWO_32 +
  (view.getUint32(until, true) - view.getUint32(from, true));

const frameAt = (view: DataView, at: number): number =>
  view.getUint32(at + 4, true) * TWO_32 + view.getUint32(at, true);

/** Plain closes in the order of their endings, each field of them in a column. */
export class Closes {
  readonly table: SilenceTable;
  /** Places in the table. */
  readonly rows: Int32Array;
  /** From the first of them to its ending, nanoseconds. */
  readonly moments: Float64Array;
  /** From the last payload to its ending, nanoseconds; negative where none was seen. */
  readonly idles: Float64Array;
  readonly frames: Float64Array;
  readonly #view: DataView;
  /** 1: it has become a judgement of its own. */
  readonly #taken: Uint8Array;

  constructor(table: SilenceTable, rows: Int32Array) {
    this.table = table;
    this.#view = table.view;
    this.rows = inOrder(table, rows);
    this.#taken = new Uint8Array(rows.length);
    const columns = [0, 0, 0].map(() => new Float64Array(rows.length));
    [this.moments, this.idles, this.frames] = columns as [Float64Array, Float64Array, Float64Array];
    this.#fill();
  }

  #fill(): void {
    const { rows, moments, idles, frames } = this;
    const view = this.#view;
    const first = (rows[0] ?? 0) * SILENCE_BYTES + SILENCE.endingAtNs[0];
    for (let i = 0; i < rows.length; i++) {
      const at = (rows[i] as number) * SILENCE_BYTES;
      const ending = at + SILENCE.endingAtNs[0];
      const payload = at + SILENCE.lastPayloadAtNs[0];
      moments[i] = between(view, first, ending);
      idles[i] = isZero(view, payload) ? -1 : Math.max(0, between(view, payload, ending));
      frames[i] = frameAt(view, at + SILENCE.frameEnding[0]);
    }
  }

  get count(): number {
    return this.rows.length;
  }

  /** The moment that `moments` count from. */
  get originNs(): bigint {
    const [first] = this.rows;
    return first === undefined ? 0n : this.table.record(first).endingAtNs;
  }

  record(index: number): SilenceRecord {
    return this.table.record(this.rows[index] as number);
  }

  responder(index: number): Responder {
    return this.table.responder(this.rows[index] as number);
  }

  by(index: number): SideIndex {
    const at = (this.rows[index] as number) * SILENCE_BYTES;
    return this.#view.getUint8(at + SILENCE.endingBy[0]) === 0 ? 0 : 1;
  }

  /** Somebody has more to say of it than that it was closed. */
  take(index: number): SilenceRecord {
    this.#taken[index] = 1;
    return this.record(index);
  }

  /** Silences on the packet clock, of those that nobody took. */
  get silencesLeft(): number {
    let count = 0;
    for (let i = 0; i < this.rows.length; i++) {
      const at = (this.rows[i] as number) * SILENCE_BYTES;
      const kind = this.#view.getUint8(at + SILENCE.kind[0]);
      if (this.#taken[i] === 0 && kind === SILENCE_KIND.packet) count++;
    }
    return count;
  }

  /** Those that nobody took, as any other judgement. */
  judgementsLeft(): Judgement[] {
    const left: Judgement[] = [];
    for (let i = 0; i < this.rows.length; i++) {
      if (this.#taken[i] === 0) left.push(plainly(this.record(i)));
    }
    return left;
  }
}

const plainly = (record: SilenceRecord): Judgement => explained(record, 'closed', 'abort');

/**
 * They come by ending and frame (native/flow/gather.h). Two records of one FIN, a packet's and a payload's silence, are put
 * in the judge's order.
 */
function inOrder(table: SilenceTable, rows: Int32Array): Int32Array {
  const { view } = table;
  const ending = (row: number): number => row * SILENCE_BYTES + SILENCE.endingAtNs[0];
  for (let i = 1; i < rows.length; i++) {
    for (let at = i; at > 0; at--) {
      const [one, next] = [rows[at - 1] as number, rows[at] as number];
      if (!isSame(view, ending(one), ending(next))) break;
      if (byEnding(table.record(one), table.record(next)) <= 0) break;
      rows[at - 1] = next;
      rows[at] = one;
    }
  }
  return rows;
}

export interface Sorted {
  readonly closes: Closes;
  /** All others that are wanted. */
  readonly records: readonly SilenceRecord[];
}

/** `wanted`, by outcome: of the records that are no plain closes. */
export function sortOut(packed: Uint8Array, wanted: (outcome: number) => boolean): Sorted {
  const table = new SilenceTable(packed);
  const records: SilenceRecord[] = [];
  const rows = new Int32Array(table.count);
  let closes = 0;
  for (let row = 0; row < table.count; row++) {
    const at = row * SILENCE_BYTES;
    if (isPlainClose(table.view, at)) rows[closes++] = row;
    else if (wanted(table.view.getUint8(at + SILENCE.outcome[0]))) records.push(table.record(row));
  }
  return { closes: new Closes(table, rows.slice(0, closes)), records };
}

export const NO_CLOSES = new Closes(new SilenceTable(new Uint8Array(0)), new Int32Array(0));
