/**
 * How many closes of a path a stretch of idle time holds by chance: what a window of closes alike has to stand out from.
 *
 * People close things at any time, and many do: of two hundred closes that are spread over minutes some stand four to a
 * window. So a window is a timer's only where chance would hardly fill it anywhere on the path. Closes around it tell how
 * many it holds by chance: those beside it, those near it, those down to half its idle time and those up to twice; the
 * densest counts. Programs that wait wait whole seconds, whichever: their closes stand in narrow rows a second apart, with
 * nothing between them that a row would not stand out from. So a window is also compared with the windows whole seconds
 * away. Chance is a Poisson process of that density (of decisions, see decisions.ts), and every place that a window was
 * looked for at could have held one (Bonferroni).
 */
import { firstAtLeast } from '../base/order.ts';
import { LOG_SELDOM, logPoissonAtLeast } from './chance.ts';
import { Tally } from './tally.ts';

/** Chosen: so many widths, or whole seconds, to either side are near: enough to count on, few enough to be alike. */
const NEAR = 8;
/** Chosen: so many whole seconds are around, for where eight hold too few to count on. */
const AROUND = 32;

const SECOND_NS = 1_000_000_000;

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

  /** Closes of these idle times are a timer's: they are no background for others. */
  take(fromNs: number, untilNs: number): void {
    const until = firstAtLeast(this.#idles, untilNs);
    for (let i = firstAtLeast(this.#idles, fromNs); i < until; i++) this.#taken.add(i);
  }

  /** The window begins at a close: all but this one are there by chance or by a timer. `places`: looked at. */
  isChance(window: Stretch, places: number): boolean {
    const others = window.until - window.from - 1;
    const fills = (mean: number): boolean =>
      logPoissonAtLeast(others, mean) + Math.log(places) > LOG_SELDOM;
    if (fills(this.#around(window))) return true;
    return [NEAR, AROUND].some((most) => fills(this.#wholeSecondsAway(window, most)));
  }

  #around({ from, widthNs }: Stretch): number {
    const idleNs = this.#idles[from] as number;
    const endNs = idleNs + widthNs;
    const beside =
      (this.#countWithin(idleNs - widthNs, idleNs) + this.#countWithin(endNs, endNs + widthNs)) / 2;
    const nearNs = NEAR * widthNs;
    const sides = [
      this.#rate(Math.max(this.#shortestNs, idleNs - nearNs), idleNs, widthNs),
      this.#rate(endNs, endNs + nearNs, widthNs),
      this.#rate(Math.max(this.#shortestNs, idleNs / 2), idleNs, widthNs),
      this.#rate(endNs, 2 * idleNs, widthNs),
    ];
    return Math.max(beside, ...sides);
  }

  /** Closes a width; 0 where less than a width is left to look at. */
  #rate(fromNs: number, untilNs: number, widthNs: number): number {
    const spanNs = untilNs - fromNs;
    return spanNs < widthNs ? 0 : (this.#countWithin(fromNs, untilNs) * reachOf(widthNs)) / spanNs;
  }

  /** Closes in each of the windows that begin up to `most` whole seconds away, on the side that has more. */
  #wholeSecondsAway({ from, widthNs }: Stretch, most: number): number {
    // A wider one reaches over whole seconds itself (reachOf).
    if (widthNs >= SECOND_NS) return 0;
    const idleNs = this.#idles[from] as number;
    const [least, longest] = [Math.max(this.#shortestNs, idleNs / 2), 2 * idleNs];
    const shorter = Math.min(most, Math.floor((idleNs - least) / SECOND_NS));
    const longer = Math.min(most, Math.floor((longest - idleNs) / SECOND_NS));
    return Math.max(
      this.#inStep(idleNs - shorter * SECOND_NS, shorter, widthNs),
      this.#inStep(idleNs + SECOND_NS, longer, widthNs),
    );
  }

  /** Closes a window: of `windows` that begin a second apart, but the fullest, which may be another timer's. */
  #inStep(firstNs: number, windows: number, widthNs: number): number {
    let closes = 0;
    let fullest = 0;
    for (let i = 0; i < windows; i++) {
      const fromNs = firstNs + i * SECOND_NS;
      const size = this.#countWithin(fromNs, fromNs + widthNs);
      closes += size;
      fullest = Math.max(fullest, size);
    }
    return windows < 2 ? 0 : (closes - fullest) / (windows - 1);
  }

  #countWithin(fromNs: number, untilNs: number): number {
    const [from, until] = [firstAtLeast(this.#idles, fromNs), firstAtLeast(this.#idles, untilNs)];
    return until - from - this.#taken.within(from, until);
  }
}

/** A window of seconds that begins at a close on a whole second reaches as many such as begin in it. */
const reachOf = (widthNs: number): number =>
  widthNs < SECOND_NS ? widthNs : Math.ceil(widthNs / SECOND_NS) * SECOND_NS;
