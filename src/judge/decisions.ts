/**
 * One close, one decision: how many times somebody decided to close, where many connections end at once.
 *
 * A browser closes the six connections of a page with its tab, a program all of a pool: they were last used together and
 * end together, by whatever reason, so their idle times agree without any timer. Counted one by one, two such tabs would
 * look like twelve closes alike. So closes that one originator takes part in within a moment, after about the same idle
 * time, are one decision. About the same means within the width that windows have: then no window counts a decision twice,
 * and a decision whose idle times are scattered counts in each window that it reaches, among the timers' closes and
 * around them alike.
 */
import { orderOf } from '../base/order.ts';

/** One path's closes, ascending by idle time. */
export interface ClosesByIdle {
  /** nanoseconds */
  readonly idles: Float64Array;
  /** When each of them was closed, nanoseconds from an origin that all share. */
  readonly moments: Float64Array;
  /** Equal numbers are one address. */
  readonly originators: Int32Array;
}

/** Chosen: a program that closes its connections one after the other, each with a farewell, is done within a second. */
const MOMENT_NS = 1_000_000_000;

/** By close a number: equal ones are of one originator, within a moment of the first of them. */
export function occasionsOf({ moments, originators }: ClosesByIdle): Int32Array {
  const occasions = new Int32Array(moments.length);
  const begunAt = new Float64Array(moments.length);
  const latest = new Map<number, number>();
  let count = 0;
  for (const close of orderOf(moments)) {
    const originator = originators[close] as number;
    const moment = moments[close] as number;
    let occasion = latest.get(originator);
    if (occasion === undefined || moment - (begunAt[occasion] as number) >= MOMENT_NS) {
      occasion = count++;
      begunAt[occasion] = moment;
      latest.set(originator, occasion);
    }
    occasions[close] = occasion;
  }
  return occasions;
}

/** The first close of each decision. */
export function decisionsIn(
  idles: Float64Array,
  occasions: Int32Array,
  widthOf: (idleNs: number) => number,
): Int32Array {
  const firsts = new Int32Array(idles.length);
  /** By occasion: from here on a close is another decision. */
  const endsAt = new Float64Array(idles.length);
  let count = 0;
  for (let close = 0; close < idles.length; close++) {
    const idleNs = idles[close] as number;
    const occasion = occasions[close] as number;
    if (idleNs < (endsAt[occasion] as number)) continue;
    endsAt[occasion] = idleNs + widthOf(idleNs);
    firsts[count++] = close;
  }
  return firsts.subarray(0, count);
}
