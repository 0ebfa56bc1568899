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

/** The first close of each decision. `inTime`: the closes by moment. */
export function decisionsOf(
  closes: ClosesByIdle,
  inTime: Int32Array,
  widthOf: WidthOf,
): Int32Array {
  const { idles } = closes;
  const occasions = occasionsOf(closes, inTime, widthOf);
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

/** By close a number: equal ones are of one originator, within a moment of the first of them. */
function occasionsOf(closes: ClosesByIdle, inTime: Int32Array, widthOf: WidthOf): Int32Array {
  const { idles, moments, originators } = closes;
  const occasions = new Int32Array(inTime.length);
  const begunAt = new Float64Array(inTime.length);
  const latest = new Map<number, number>();
  let count = 0;
  for (const close of inTime) {
    const originator = originators[close] as number;
    const moment = moments[close] as number;
    const lastsNs = widthOf(idles[close] as number);
    let occasion = latest.get(originator);
    if (occasion === undefined || moment - (begunAt[occasion] as number) >= lastsNs) {
      occasion = count++;
      begunAt[occasion] = moment;
      latest.set(originator, occasion);
    }
    occasions[close] = occasion;
  }
  return occasions;
}
