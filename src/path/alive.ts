/**
 * Was the responder alive? Moments in which it answered anybody, from the tracker's strips of 128 steps of one to five
 * seconds. A nibble also tells how old the oldest connection was that it answered on: a server that restarted answers on new
 * connections only, a box that forgot one connection leaves the old ones alone.
 *
 * Step s of a strip is nibble s: the low half of byte s/2 when s is even, the high half when it is odd. A step counts
 * when it begins within what is asked for: what came before the trigger proves nothing.
 */
import { layoutBytes } from '../base/layout.ts';
import { numberAt } from '../base/packed.ts';
import { ALIVE_STRIP } from '../base/silence.ts';
import { firstWhere, gather } from './rows.ts';
import { type Responder, responderKey, responderReader } from './responder.ts';

const STRIP_STEPS = 128;
const STRIP_BYTES = layoutBytes(ALIVE_STRIP);
const NS_PER_SECOND = 1_000_000_000n;

/** By nibble n ≥ 1: the least age that it stands for, seconds; 0 is no answer. */
const LEAST_AGE = Int32Array.from({ length: 16 }, (_, nibble) => 2 ** (nibble - 1) - 1);

/** No connection begins so long after a strip. */
const NEVER = 2 ** 30;

/** Strips of one responder do not overlap. */
class Strip {
  readonly firstSecond: number;
  /** Seconds that one nibble stands for. */
  readonly step: number;
  readonly #bytes: Uint8Array;
  readonly #ages: number;
  #bornBy: number | undefined;

  constructor(view: DataView, bytes: Uint8Array, at: number) {
    this.firstSecond = numberAt(view, at + ALIVE_STRIP.firstSecond[0]);
    this.step = view.getUint8(at + ALIVE_STRIP.secondsPerNibble[0]);
    this.#bytes = bytes;
    this.#ages = at + ALIVE_STRIP.ages0[0];
  }

  get endSecond(): number {
    return this.firstSecond + STRIP_STEPS * this.step;
  }

  /** By when some connection had begun on which it answered in a step that begins within; Infinity where it did not. */
  bornBy(from: number, until: number): number {
    const { firstSecond, step } = this;
    const first = Math.max(0, Math.ceil((from - firstSecond) / step));
    const last = Math.min(STRIP_STEPS - 1, Math.floor((until - firstSecond) / step));
    if (first > 0 || last < STRIP_STEPS - 1) return this.#bornByOf(first, last);
    this.#bornBy ??= this.#bornByOf(first, last);
    return this.#bornBy;
  }

  /**
   * The answer came before the step's end, so the connection began before that end − age. Counted from the strip's beginning:
   * small integers, of which V8 makes no objects.
   */
  #bornByOf(first: number, last: number): number {
    const { step } = this;
    let earliest = NEVER;
    for (let index = first; index <= last; index++) {
      const pair = this.#bytes[this.#ages + (index >> 1)] as number;
      const nibble = (index & 1) === 0 ? pair & 0x0f : pair >> 4;
      if (nibble === 0) continue;
      const born = (index + 1) * step - (LEAST_AGE[nibble] as number);
      if (born < earliest) earliest = born;
    }
    return earliest === NEVER ? Number.POSITIVE_INFINITY : this.firstSecond + earliest;
  }
}

export interface Question {
  readonly fromNs: bigint;
  readonly untilNs: bigint;
  /** Only answers on connections that began before this moment count. */
  readonly olderThanNs?: bigint | undefined;
}

export interface Alive {
  /** Whole seconds, both ends included; null when nothing was kept about this responder. */
  answered(responder: Responder, question: Question): boolean | null;
  /** The longest step of all strips. */
  readonly stepSeconds: number;
}

const secondOf = (ns: bigint): number => Number(ns / NS_PER_SECOND);

/** Asked are the one that holds `from`, and those behind it up to `until`. */
function answeredWithin(
  sorted: readonly Strip[],
  from: number,
  until: number,
  bornBy: number,
): boolean {
  const start = firstWhere(sorted, (strip) => strip.endSecond > from);
  for (let i = start; i < sorted.length; i++) {
    const strip = sorted[i] as Strip;
    if (strip.firstSecond > until) return false;
    if (strip.bornBy(from, until) <= bornBy) return true;
  }
  return false;
}

export function readAlive(packed: Uint8Array): Alive {
  const strips = new Map<string, Strip[]>();
  const responderIn = responderReader(ALIVE_STRIP);
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  let stepSeconds = 1;
  for (let at = 0; at + STRIP_BYTES <= packed.byteLength; at += STRIP_BYTES) {
    const strip = new Strip(view, packed, at);
    stepSeconds = Math.max(stepSeconds, strip.step);
    gather(strips, responderKey(responderIn(view, at)), strip);
  }
  for (const list of strips.values()) list.sort((a, b) => a.firstSecond - b.firstSecond);
  return {
    stepSeconds,
    answered(responder, { fromNs, untilNs, olderThanNs }) {
      const kept = strips.get(responderKey(responder));
      if (kept === undefined) return null;
      // Any that has begun at all: where nothing was answered Infinity is told.
      const bornBy = olderThanNs === undefined ? Number.MAX_VALUE : secondOf(olderThanNs);
      return answeredWithin(kept, secondOf(fromNs), secondOf(untilNs), bornBy);
    },
  };
}
