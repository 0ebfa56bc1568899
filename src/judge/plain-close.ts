/**
 * Closes that stay packed: nine of ten records of a busy capture are connections that one side closed in order, of which
 * no rule has anything to say but idle-close, and that only where many agree. They are told apart by their bytes and laid
 * out in columns (native/flow/closes.h says when a close is plain), and become records and judgements when somebody asks.
 */
import type { Responder } from '../base/responders.ts';
import { firstAtLeast } from '../base/order.ts';
import { numberAt, type SideIndex, sideAt } from '../base/packed.ts';
import { type SilenceRecord, SilenceTable } from '../base/record.ts';
import { SILENCE, SILENCE_BYTES, SILENCE_KIND } from '../base/silence.ts';
import type { CloseColumns } from '../capture/addon.ts';
import { explained } from './compose.ts';
import { lastMoment } from './ending-order.ts';
import type { Judgement } from './finding.ts';

/** Plain closes in the order of their endings, each field of them in a column. */
export class Closes {
  readonly table: SilenceTable;
  /** The moment that `moments` count from. */
  readonly originNs: bigint;
  readonly #columns: CloseColumns;
  /** 1: it has become a judgement of its own. */
  readonly #taken: Uint8Array;
  readonly #numbers: ReadonlyMap<SilenceRecord, number>;
  #onPacketClock: number;

  /** `numbers`: the originators' of records that are no plain closes. */
  constructor(
    table: SilenceTable,
    columns: CloseColumns,
    numbers: ReadonlyMap<SilenceRecord, number> = new Map(),
  ) {
    this.table = table;
    this.#columns = columns;
    this.#numbers = numbers;
    this.#taken = new Uint8Array(columns.rows.length);
    const [first] = columns.rows;
    this.originNs = first === undefined ? 0n : table.record(first).endingAtNs;
    this.#onPacketClock = columns.onPacketClock;
  }

  get count(): number {
    return this.#columns.rows.length;
  }

  /** From the first of them to its ending, nanoseconds. */
  get moments(): Float64Array {
    return this.#columns.moments;
  }

  /** From the last payload to its ending, nanoseconds; negative where none was seen. */
  get idles(): Float64Array {
    return this.#columns.idles;
  }

  /** Equal numbers are one address of the originator at one capture point and in one tunnel. */
  get originators(): Int32Array {
    return this.#columns.originators;
  }

  /** In these numbers, of a record that was sorted out as no plain close; of every other undefined. */
  originatorOf(record: SilenceRecord): number | undefined {
    return this.#numbers.get(record);
  }

  /** Closes by one side of one responder, by idle time; of two records of one FIN the first: group g from starts[g]. */
  get order(): Int32Array {
    return this.#columns.order;
  }

  get starts(): Int32Array {
    return this.#columns.starts;
  }

  record(index: number): SilenceRecord {
    return this.table.record(this.#columns.rows[index] as number);
  }

  responder(index: number): Responder {
    return this.table.responder(this.#columns.rows[index] as number);
  }

  by(index: number): SideIndex {
    return sideAt(this.table.view, this.#at(index) + SILENCE.endingBy[0]);
  }

  /** The first close with the ending of this record that has an idle time; −1 where there is none. */
  withEndingOf(record: SilenceRecord): number {
    const moment = Number(lastMoment(record) - this.originNs);
    for (let i = firstAtLeast(this.moments, moment); this.moments[i] === moment; i++) {
      if ((this.idles[i] as number) >= 0 && this.#frame(i) === record.frameEnding) return i;
    }
    return -1;
  }

  /** Somebody has more to say of it than that it was closed. */
  take(index: number): SilenceRecord {
    if (this.#taken[index] === 0 && this.#byte(index, SILENCE.kind[0]) === SILENCE_KIND.packet)
      this.#onPacketClock -= 1;
    this.#taken[index] = 1;
    return this.record(index);
  }

  /** Silences on the packet clock, of those that nobody took. */
  get silencesLeft(): number {
    return this.#onPacketClock;
  }

  /** Those that nobody took, as any other judgement. */
  judgementsLeft(): Judgement[] {
    const left: Judgement[] = [];
    for (let i = 0; i < this.count; i++) {
      if (this.#taken[i] === 0) left.push(explained(this.record(i), 'closed', 'abort'));
    }
    return left;
  }

  #at(index: number): number {
    return (this.#columns.rows[index] as number) * SILENCE_BYTES;
  }

  #byte(index: number, offset: number): number {
    return this.table.view.getUint8(this.#at(index) + offset);
  }

  #frame(index: number): number {
    return numberAt(this.table.view, this.#at(index) + SILENCE.frameEnding[0]);
  }
}

export interface Sorted {
  readonly closes: Closes;
  /** All others that are wanted. */
  readonly records: readonly SilenceRecord[];
}

/** `columns`: of these records. `wanted`, by outcome: of those that are no plain closes. */
export function sortOut(
  packed: Uint8Array,
  columns: CloseColumns,
  wanted: (outcome: number) => boolean,
): Sorted {
  const table = new SilenceTable(packed);
  const records: SilenceRecord[] = [];
  const numbers = new Map<SilenceRecord, number>();
  for (let i = 0; i < columns.others.length; i++) {
    const row = columns.others[i] as number;
    const outcome = table.view.getUint8(row * SILENCE_BYTES + SILENCE.outcome[0]);
    if (!wanted(outcome)) continue;
    const record = table.record(row);
    records.push(record);
    numbers.set(record, columns.originatorsOfOthers[i] as number);
  }
  return { closes: new Closes(table, columns, numbers), records };
}

const NONE: CloseColumns = {
  rows: new Int32Array(0),
  others: new Int32Array(0),
  moments: new Float64Array(0),
  idles: new Float64Array(0),
  originators: new Int32Array(0),
  originatorsOfOthers: new Int32Array(0),
  order: new Int32Array(0),
  starts: new Int32Array(1),
  onPacketClock: 0,
};

export const NO_CLOSES = new Closes(new SilenceTable(new Uint8Array(0)), NONE);
