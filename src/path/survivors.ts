/**
 * Silences that ended well, from the tracker's bins: how many on a path, and the longest that anything survived.
 *
 * There are tens of thousands of bins and a few hundred runs of them: rows stand in the order of their keys, the bin last
 * (native/flow/gather.cc), so all that differ in nothing but the length are neighbours. A run stays packed until somebody
 * asks for its columns.
 */
import { layoutBytes } from '../base/layout.ts';
import { numberAt, type SideIndex, sideAt } from '../base/packed.ts';
import { OUTCOME, SURVIVOR_BIN } from '../base/silence.ts';
import { binRange } from './bins.ts';
import { type Lengths, sumOf } from './estimate/lengths.ts';
import { type Responder, responderReader } from './responder.ts';

const ROW_BYTES = layoutBytes(SURVIVOR_BIN);

const AT_SPEAKER = SURVIVOR_BIN.firstSpeaker[0];
const AT_STATE = SURVIVOR_BIN.tcpState[0];
const AT_CLOCK = SURVIVOR_BIN.clock[0];
const AT_OUTCOME = SURVIVOR_BIN.outcome[0];
const AT_BIN = SURVIVOR_BIN.bin[0];
const AT_COUNT = SURVIVOR_BIN.count[0];
const AT_KEEPALIVES = SURVIVOR_BIN.keepalives[0];
const AT_LONGEST = SURVIVOR_BIN.longestNs[0];

/** Bins of one responder, first speaker, TCP state and clock, by length. */
export class Survivors {
  readonly responder: Responder;
  readonly firstSpeaker: SideIndex;
  /** TCP_STATE */
  readonly tcpState: number;
  /** SILENCE_KIND: the clock that the silences were measured on */
  readonly clock: number;
  readonly #view: DataView;
  readonly #from: number;
  readonly #until: number;
  #longest: Float64Array | undefined;

  /** Bytes `from` to `until`, one row at least. */
  constructor(responder: Responder, view: DataView, from: number, until: number) {
    this.responder = responder;
    this.firstSpeaker = sideAt(view, from + AT_SPEAKER);
    this.tcpState = view.getUint8(from + AT_STATE);
    this.clock = view.getUint8(from + AT_CLOCK);
    this.#view = view;
    this.#from = from;
    this.#until = until;
  }

  get longestNs(): bigint {
    return this.#view.getBigUint64(this.#until - ROW_BYTES + AT_LONGEST, true);
  }

  /** By bin: the longest silence in it, seconds. */
  get longest(): Float64Array {
    this.#longest ??= this.#column((at) => numberAt(this.#view, at + AT_LONGEST) / 1e9);
    return this.#longest;
  }

  /** By bin: silences in it. */
  get counts(): Float64Array {
    return this.#column((at) => this.#view.getUint32(at + AT_COUNT, true));
  }

  /** By bin: how many of them were broken by a keepalive probe that was answered. */
  get keepalives(): Float64Array {
    return this.#column((at) => this.#view.getUint32(at + AT_KEEPALIVES, true));
  }

  get total(): number {
    return sumOf(this.counts);
  }

  get totalKeepalives(): number {
    return sumOf(this.keepalives);
  }

  /** All of a bin at its longest: exact for one of them, and less than 1 % too long for the others. */
  get atMost(): Lengths {
    return { seconds: this.longest, counts: this.counts };
  }

  /** The longest of a bin as it is, the others at its lower end: less than 1 % too short. */
  get atLeast(): Lengths {
    const { longest, counts } = this;
    const seconds = new Float64Array(2 * longest.length);
    const each = new Float64Array(seconds.length);
    let rungs = 0;
    for (let i = 0; i < longest.length; i++) {
      const [most, count] = [longest[i] as number, counts[i] as number];
      if (count > 1) {
        const bin = this.#view.getUint16(this.#from + i * ROW_BYTES + AT_BIN, true);
        seconds[rungs] = Math.min(binRange(bin).lowNs / 1e9, most);
        each[rungs++] = count - 1;
      }
      seconds[rungs] = most;
      each[rungs++] = 1;
    }
    return { seconds: seconds.subarray(0, rungs), counts: each.subarray(0, rungs) };
  }

  /** … without those that a probe ended: they went on on the payload clock. */
  get endedByPayload(): Lengths {
    const { longest, counts, keepalives } = this;
    const left = counts.map((count, i) => count - (keepalives[i] as number));
    return {
      seconds: longest.filter((_, i) => (left[i] as number) > 0),
      counts: left.filter((count) => count > 0),
    };
  }

  #column(of: (at: number) => number): Float64Array {
    const column = new Float64Array((this.#until - this.#from) / ROW_BYTES);
    for (let i = 0, at = this.#from; at < this.#until; i++, at += ROW_BYTES) column[i] = of(at);
    return column;
  }
}

const AT_ADDRESS = SURVIVOR_BIN.responderAddress[0];
/** Words of four bytes: kinds, speaker and state stand side by side, so do port and capture point. Likeliest to differ first. */
const KEY_WORDS = [
  SURVIVOR_BIN.tunnelKind[0],
  SURVIVOR_BIN.responderPort[0],
  ...[0, 4, 8, 12].map((byte) => AT_ADDRESS + byte),
  SURVIVOR_BIN.tunnelId[0],
] as const;

function isOneRun(view: DataView, a: number, b: number): boolean {
  for (let i = 0; i < KEY_WORDS.length; i++) {
    const at = KEY_WORDS[i] as number;
    if (view.getUint32(a + at) !== view.getUint32(b + at)) return false;
  }
  // … and the outcome.
  return view.getUint16(a + AT_CLOCK) === view.getUint16(b + AT_CLOCK);
}

/**
 * Rows in the order of their keys → their runs. Rows of silences that were closed in order are left out: nothing went on
 * after them.
 */
export function readSurvivors(packed: Uint8Array): Survivors[] {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const rows = Math.floor(view.byteLength / ROW_BYTES);
  const responderIn = responderReader(SURVIVOR_BIN);
  const runs: Survivors[] = [];
  for (let from = 0; from < rows; ) {
    const until = endOfRun(view, from, rows);
    const at = from * ROW_BYTES;
    if (view.getUint8(at + AT_OUTCOME) === OUTCOME.survived)
      runs.push(new Survivors(responderIn(view, at), view, at, until * ROW_BYTES));
    from = until;
  }
  return runs;
}

/** Steps twice as far each time while the run lasts, then half as far. */
function endOfRun(view: DataView, from: number, rows: number): number {
  const isInRun = (row: number): boolean =>
    row < rows && isOneRun(view, from * ROW_BYTES, row * ROW_BYTES);
  let [last, step] = [from, 1];
  for (; isInRun(last + step); step *= 2) last += step;
  for (; step >= 1; step /= 2) if (isInRun(last + step)) last += step;
  return last + 1;
}
