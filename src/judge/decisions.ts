/**
 * One close, one decision: how many times somebody decided to close, where many connections end at once.
 *
 * A browser closes the six connections of a page with its tab, a program all of a pool: they were last used together and
 * end together, by whatever reason, so their idle times agree without any timer. Counted one by one, two such tabs would
 * look like twelve closes alike. So closes that one originator takes part in within a moment, after about the same idle
 * time, are one decision.
 *
 * About the same means within the width that windows have: then no window counts a decision twice, and a decision whose
 * idle times are scattered counts in each window that it reaches, among the timers' closes and around them alike. A moment
 * is such a width as well: closes of a timer that come further apart than that, as the last uses did, agree better in how
 * long they were idle than in when they came, and no single decision does that.
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

export type WidthOf = (idleNs: number) => number;

/** Closes by moment, and of each the one before it that its originator closed; −1: none. */
export interface InTime {
  readonly order: Int32Array;
  readonly before: Int32Array;
}

export function inTime({ moments, originators }: ClosesByIdle): InTime {
  const order = orderOf(moments);
  const before = new Int32Array(order.length);
  const latest = new Map<number, number>();
  for (const close of order) {
    const originator = originators[close] as number;
    before[close] = latest.get(originator) ?? -1;
    latest.set(originator, close);
  }
  return { order, before };
}

/** The first close of each decision. */
export function decisionsOf(closes: ClosesByIdle, times: InTime, widthOf: WidthOf): Int32Array {
  const { idles } = closes;
  const occasions = occasionsOf(closes, times, widthOf);
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

/** By close the first of its occasion: all of one originator within a moment of it. */
function occasionsOf(
  { idles, moments }: ClosesByIdle,
  { order, before }: InTime,
  widthOf: WidthOf,
): Int32Array {
  const occasions = new Int32Array(order.length);
  for (let i = 0; i < order.length; i++) {
    const close = order[i] as number;
    const last = before[close] as number;
    const occasion = last < 0 ? close : (occasions[last] as number);
    const sinceNs = (moments[close] as number) - (moments[occasion] as number);
    occasions[close] = sinceNs < widthOf(idles[close] as number) ? occasion : close;
  }
  return occasions;
}
