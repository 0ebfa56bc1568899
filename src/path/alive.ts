/**
 * Was the responder alive? Moments in which it answered anybody, from the tracker's strips of 128 steps of one to five
 * seconds. A nibble also tells how old the oldest connection was that it answered on: a server that restarted answers on new
 * connections only, a box that forgot one connection leaves the old ones alone.
 *
 * Step s of a strip is nibble s: the low half of byte s/2 when s is even, the high half when it is odd. A step counts
 * when it begins within what is asked for: what came before the trigger proves nothing.
 */
import { ALIVE_STRIP } from '../base/silence.ts';
import { firstWhere, gather, rowsOf } from './rows.ts';
import { type Responder, responderKey, responderReader } from './responder.ts';

const STRIP_STEPS = 128;
const NS_PER_SECOND = 1_000_000_000n;

interface Strip {
  readonly firstSecond: number;
  /** Seconds that one nibble stands for. */
  readonly step: number;
  readonly row: DataView;
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

/** Nibble n ≥ 1 stands for ages from 2^(n-1) − 1 seconds on; 0 for no answer. */
const leastAge = (nibble: number): number => 2 ** (nibble - 1) - 1;

const secondOf = (ns: bigint): number => Number(ns / NS_PER_SECOND);

/** Strips of one responder do not overlap: asked are the one that holds `from`, and those behind it up to `until`. */
function answeredWithin(
  sorted: readonly Strip[],
  from: number,
  until: number,
  bornBy: number,
): boolean {
  const start = firstWhere(sorted, (strip) => strip.firstSecond + STRIP_STEPS * strip.step > from);
  for (let i = start; i < sorted.length; i++) {
    const strip = sorted[i] as Strip;
    if (strip.firstSecond > until) return false;
    if (answeredIn(strip, from, until, bornBy)) return true;
  }
  return false;
}

function answeredIn(
  { firstSecond, step, row }: Strip,
  from: number,
  until: number,
  bornBy: number,
): boolean {
  const first = Math.max(0, Math.ceil((from - firstSecond) / step));
  const last = Math.min(STRIP_STEPS - 1, Math.floor((until - firstSecond) / step));
  for (let index = first; index <= last; index++) {
    const byte = row.getUint8(ALIVE_STRIP.ages0[0] + (index >> 1));
    const nibble = (index & 1) === 0 ? byte & 0x0f : byte >> 4;
    if (nibble === 0) continue;
    // The answer came before the step's end, so the connection began before that end − age.
    const end = firstSecond + (index + 1) * step;
    if (end - leastAge(nibble) <= bornBy) return true;
  }
  return false;
}

export function readAlive(packed: Uint8Array): Alive {
  const strips = new Map<string, Strip[]>();
  const responderIn = responderReader(ALIVE_STRIP);
  let stepSeconds = 1;
  for (const row of rowsOf(packed, ALIVE_STRIP)) {
    const firstSecond = Number(row.getBigUint64(ALIVE_STRIP.firstSecond[0], true));
    const step = row.getUint8(ALIVE_STRIP.secondsPerNibble[0]);
    stepSeconds = Math.max(stepSeconds, step);
    gather(strips, responderKey(responderIn(row, 0)), { firstSecond, step, row });
  }
  for (const list of strips.values()) list.sort((a, b) => a.firstSecond - b.firstSecond);
  return {
    stepSeconds,
    answered(responder, { fromNs, untilNs, olderThanNs }) {
      const kept = strips.get(responderKey(responder));
      if (kept === undefined) return null;
      const bornBy = olderThanNs === undefined ? Number.POSITIVE_INFINITY : secondOf(olderThanNs);
      const [from, until] = [secondOf(fromNs), secondOf(untilNs)];
      return answeredWithin(kept, from, until, bornBy);
    },
  };
}
