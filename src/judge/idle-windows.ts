/**
 * Windows of closes alike, on numbers alone: which stretches of one path's idle times stand out as a timer of their own.
 *
 * The idle times come in ascending order, each with the moment of its close. A window reaches from one of them up to its
 * width, and windows only move forward: every close is added once and passed once, however many there are. There are two
 * widths: a program's timer is exact, one that is swept now and then is not.
 */
import { Background, type Stretch } from './background.ts';

export const ALIKE = 4;
const EXACT_NS = 100_000_000;
const SPREAD_PART = 50; // 2 %
/** Chosen: a window must hold twice as many closes as both its neighbours of the same width together. */
const STANDS_OUT = 2;

const exact = (): number => EXACT_NS;
const spread = (idleNs: number): number => Math.max(EXACT_NS, Math.floor(idleNs / SPREAD_PART));

/** The fullest first, none sharing a close with another. `shortestNs`: closes after less are not on record. */
export function clusters(
  idles: Float64Array,
  moments: Float64Array,
  shortestNs: number,
): readonly Stretch[] {
  const taken = new Uint8Array(idles.length);
  const chosen: Stretch[] = [];
  const windows = [...windowsOf(idles, moments, spread), ...windowsOf(idles, moments, exact)];
  const background = new Background(idles, shortestNs);
  for (const window of windows.sort((a, b) => b.until - b.from - (a.until - a.from))) {
    const { from, until } = window;
    if (taken[from] === 1 || taken[until - 1] === 1 || background.isChance(window)) continue;
    taken.fill(1, from, until);
    background.take(window);
    chosen.push(window);
  }
  return chosen;
}

function windowsOf(
  idles: Float64Array,
  moments: Float64Array,
  widthOf: (idleNs: number) => number,
): Stretch[] {
  const windows: Stretch[] = [];
  const earliest = new Extreme(moments, 1);
  const latest = new Extreme(moments, -1);
  let below = 0;
  let until = 0;
  let beyond = 0;
  for (let from = 0; from + ALIKE <= idles.length; from++) {
    const idleNs = idles[from] as number;
    const widthNs = widthOf(idleNs);
    // What is asked for only grows from window to window.
    below = nextAtLeast(idles, idleNs - widthNs, below);
    until = nextAtLeast(idles, idleNs + widthNs, until);
    beyond = nextAtLeast(idles, idleNs + 2 * widthNs, beyond);
    const around = from - below + (beyond - until);
    const size = until - from;
    if (size < ALIKE || size < STANDS_OUT * around) continue;
    // Connections used together and torn down together are one event, however many they are.
    if (latest.within(from, until) - earliest.within(from, until) < widthNs) continue;
    windows.push({ from, until, widthNs });
  }
  return windows;
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
