/**
 * How many closes of a path a stretch of idle time holds by chance: what a window of closes alike has to stand out from.
 *
 * People close things at any time, and many do: of two hundred closes that are spread over minutes some stand four to a
 * window. So a window is a timer's only where chance would hardly fill it anywhere on the path. Closes around it tell how
 * many it holds by chance: those beside it, those down to half its idle time and those up to twice; the densest of the
 * three counts. Chance is a Poisson process of that density, and every close of the path was a place to look at, once for
 * each width (Bonferroni).
 */
import { firstAtLeast } from '../base/order.ts';

/** Chosen: of a hundred paths without a timer one may be told to have one. */
const LOG_FALSE_ALARMS = Math.log(0.01);
/** Windows are looked for at this many widths. */
const WIDTHS = 2;

export interface Stretch {
  /** Indexes into the idle times: `until` is the first behind. */
  readonly from: number;
  readonly until: number;
  /** nanoseconds */
  readonly widthNs: number;
}

export class Background {
  readonly #idles: Float64Array;
  readonly #shortestNs: number;
  readonly #taken: Tally;

  /** `idles`: of one path, ascending. `shortestNs`: below it no close is on record. */
  constructor(idles: Float64Array, shortestNs: number) {
    this.#idles = idles;
    this.#shortestNs = shortestNs;
    this.#taken = new Tally(idles.length);
  }

  /** It is a timer's: its closes are no background for others. */
  take({ from, until }: Stretch): void {
    for (let i = from; i < until; i++) this.#taken.add(i);
  }

  /** The window begins at a close: all but this one are there by chance or by a timer. */
  isChance(window: Stretch): boolean {
    const others = window.until - window.from - 1;
    const log = logAtLeast(others, this.#expected(window));
    return log + Math.log(WIDTHS * this.#idles.length) > LOG_FALSE_ALARMS;
  }

  #expected({ from, widthNs }: Stretch): number {
    const idleNs = this.#idles[from] as number;
    const endNs = idleNs + widthNs;
    const beside =
      (this.#countWithin(idleNs - widthNs, idleNs) + this.#countWithin(endNs, endNs + widthNs)) / 2;
    const shorter = this.#rate(Math.max(this.#shortestNs, idleNs / 2), idleNs, widthNs);
    const longer = this.#rate(endNs, 2 * idleNs, widthNs);
    return Math.max(beside, shorter, longer);
  }

  /** Closes a width; 0 where less than a width is left to look at. */
  #rate(fromNs: number, untilNs: number, widthNs: number): number {
    const widths = (untilNs - fromNs) / widthNs;
    return widths < 1 ? 0 : this.#countWithin(fromNs, untilNs) / widths;
  }

  #countWithin(fromNs: number, untilNs: number): number {
    const [from, until] = [firstAtLeast(this.#idles, fromNs), firstAtLeast(this.#idles, untilNs)];
    return until - from - (this.#taken.below(until) - this.#taken.below(from));
  }
}

/** Chernoff's bound on the logarithm of a Poisson variable's chance to be `count` or more (Mitzenmacher and Upfal, theorem 5.4). */
function logAtLeast(count: number, mean: number): number {
  if (count <= mean) return 0;
  return mean === 0 ? Number.NEGATIVE_INFINITY : count - mean - count * Math.log(count / mean);
}

/** Counts of marked indexes below any index (Fenwick 1994): both take the logarithm of their number. */
class Tally {
  readonly #sums: Int32Array;

  constructor(size: number) {
    this.#sums = new Int32Array(size + 1);
  }

  add(index: number): void {
    for (let i = index + 1; i < this.#sums.length; i += i & -i) {
      this.#sums[i] = (this.#sums[i] as number) + 1;
    }
  }

  below(index: number): number {
    let sum = 0;
    for (let i = index; i > 0; i -= i & -i) sum += this.#sums[i] as number;
    return sum;
  }
}
