/**
 * Windows of closes alike, on numbers alone: which stretches of one path's idle times stand out as a timer of their own.
 *
 * The idle times come in ascending order, each with the moment of its close and its originator. What is counted are
 * decisions (decisions.ts). A window reaches from one of them up to its width, and windows only move forward: every
 * decision is added once and passed once, however many there are. A program's timer is exact, one that is swept now and
 * then is not, and nobody knows how often: so there is a row of widths, each four times the one before, from a tenth of
 * a second up to the widest that is asked for. A width more costs little (it is one more place to look at, and counts
 * with its logarithm), a width too many times a timer's own costs as many times the background.
 */
import { firstAtLeast, pick } from '../base/order.ts';
import { Background, type Stretch } from './background.ts';
import { type ClosesByIdle, decisionsOf, inTime, type InTime, type WidthOf } from './decisions.ts';
import { Tally } from './tally.ts';

/** Decisions. */
export const ALIKE = 4;
const EXACT_NS = 100_000_000;
const SPREAD_PART = 50; // 2 %
/** Chosen: at worst a window is four times as wide as its timer needs. */
const WIDER = 4;
/** Chosen: a window must hold twice as many closes as both its neighbours of the same width together. */
const STANDS_OUT = 2;

export interface Cluster {
  /** Indexes of closes: `until` is the first behind. */
  readonly from: number;
  readonly until: number;
  /** How many of its closes are decisions of their own. */
  readonly decisions: number;
}

/**
 * The fullest first, none sharing a close with another. `shortestNs`: closes after less are not on record; `paths`: looked
 * at in all.
 */
export function clusters(closes: ClosesByIdle, shortestNs: number, paths = 1): readonly Cluster[] {
  const { idles } = closes;
  const widths = widthsUpTo(idles.at(-1) ?? 0);
  const worth = widths.filter((width) => holdsAlike(idles, width));
  if (worth.length === 0) return [];
  const times = inTime(closes);
  const scales = worth.map((width) => new Scale(closes, times, width, shortestNs));
  // As many as are looked at, or more: one close may be less than a decision.
  const own = widths.reduce((sum, width) => sum + idles.length - beginOf(idles, width), 0);
  const places = paths * own;
  const taken = new Tally(idles.length);
  const chosen: Cluster[] = [];
  const windows = scales.flatMap((scale) => scale.windows());
  for (const window of windows.sort((a, b) => b.until - b.from - (a.until - a.from))) {
    const cluster = window.scale.clusterOf(window, idles);
    const { from, until } = cluster;
    if (taken.within(from, until) > 0 || window.scale.background.isChance(window, places)) continue;
    for (let i = from; i < until; i++) taken.add(i);
    const firstNs = idles[from] as number;
    for (const { background } of scales) background.take(firstNs, firstNs + window.widthNs);
    chosen.push(cluster);
  }
  return chosen;
}

interface Width {
  readonly of: WidthOf;
  /** After less it is wider than what is asked for. */
  readonly leastIdleNs: number;
}

/** Narrow ones first: of two windows with the same closes the narrower says more. */
function widthsUpTo(longestNs: number): readonly Width[] {
  const widths: Width[] = [{ of: () => EXACT_NS, leastIdleNs: 0 }];
  for (let width = WIDER * EXACT_NS; width * SPREAD_PART < longestNs; width *= WIDER) {
    widths.push({ of: () => width, leastIdleNs: width * SPREAD_PART });
  }
  const widest = (idleNs: number): number => Math.floor(idleNs / SPREAD_PART);
  if (widest(longestNs) > EXACT_NS) {
    widths.push({ of: widest, leastIdleNs: EXACT_NS * SPREAD_PART });
  }
  return widths;
}

const beginOf = (idles: Float64Array, { leastIdleNs }: Width): number =>
  firstAtLeast(idles, leastIdleNs);

/** Is any window full enough? Most paths are done with here. */
function holdsAlike(idles: Float64Array, width: Width): boolean {
  for (let i = beginOf(idles, width); i + ALIKE <= idles.length; i++) {
    const idleNs = idles[i] as number;
    if ((idles[i + ALIKE - 1] as number) - idleNs < width.of(idleNs)) return true;
  }
  return false;
}

/** Indexes of decisions at one width. */
interface Window extends Stretch {
  readonly scale: Scale;
}

/** A path's decisions as windows of one width see them. */
class Scale {
  readonly background: Background;
  readonly #width: Width;
  /** By decision: its first close, how long it was idle then, and when it was closed. */
  readonly #firsts: Int32Array;
  readonly #idles: Float64Array;
  readonly #moments: Float64Array;
  readonly #begin: number;

  constructor(closes: ClosesByIdle, times: InTime, width: Width, shortestNs: number) {
    this.#width = width;
    this.#firsts = decisionsOf(closes, times, width.of);
    this.#idles = pick(closes.idles, this.#firsts);
    this.#moments = pick(closes.moments, this.#firsts);
    this.#begin = beginOf(this.#idles, width);
    this.background = new Background(this.#idles, shortestNs);
  }

  clusterOf({ from, until, widthNs }: Stretch, idles: Float64Array): Cluster {
    const first = this.#firsts[from] as number;
    const end = firstAtLeast(idles, (idles[first] as number) + widthNs);
    return { from: first, until: end, decisions: until - from };
  }

  windows(): Window[] {
    const idles = this.#idles;
    const windows: Window[] = [];
    const earliest = new Extreme(this.#moments, 1);
    const latest = new Extreme(this.#moments, -1);
    let below = 0;
    let until = 0;
    let beyond = 0;
    for (let from = this.#begin; from + ALIKE <= idles.length; from++) {
      const idleNs = idles[from] as number;
      const widthNs = this.#width.of(idleNs);
      // What is asked for only grows from window to window.
      below = nextAtLeast(idles, idleNs - widthNs, below);
      until = nextAtLeast(idles, idleNs + widthNs, until);
      beyond = nextAtLeast(idles, idleNs + 2 * widthNs, beyond);
      const around = from - below + (beyond - until);
      const size = until - from;
      if (size < ALIKE || size < STANDS_OUT * around) continue;
      // Connections used together and torn down together are one event, however many they are.
      if (latest.within(from, until) - earliest.within(from, until) < widthNs) continue;
      windows.push({ scale: this, from, until, widthNs });
    }
    return windows;
  }
}

function nextAtLeast(ascending: Float64Array, least: number, from: number): number {
  let at = from;
  while (at < ascending.length && (ascending[at] as number) < least) at++;
  return at;
}

/**
 * The earliest (sign 1) or latest (sign −1) moment of a window that only moves forward: of those added, kept are the
 * indexes that no later one beats.
 */
class Extreme {
  readonly #moments: Float64Array;
  readonly #sign: 1 | -1;
  readonly #kept: Int32Array;
  #head = 0;
  #end = 0;
  #added = 0;

  constructor(moments: Float64Array, sign: 1 | -1) {
    this.#moments = moments;
    this.#sign = sign;
    this.#kept = new Int32Array(moments.length);
  }

  #rank(index: number): number {
    return this.#sign * (this.#moments[index] as number);
  }

  within(from: number, until: number): number {
    for (; this.#added < until; this.#added++) this.#add(this.#added);
    while ((this.#kept[this.#head] as number) < from) this.#head++;
    return this.#moments[this.#kept[this.#head] as number] as number;
  }

  #add(index: number): void {
    while (
      this.#end > this.#head &&
      this.#rank(this.#kept[this.#end - 1] as number) >= this.#rank(index)
    )
      this.#end--;
    this.#kept[this.#end++] = index;
  }
}
