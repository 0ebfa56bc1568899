/**
 * Native functions of numbers alone: columns in, columns out, and the same for the same. They are as pure as whoever calls
 * them, so [pure] stages may; no other file of this stage is for them. Why they are native:
 * docs/decisions/0009-numbers-below-the-border.md.
 */
import { addon } from './addon.ts';

/** Closes of all paths in columns. */
export interface GroupedCloses {
  /** By close: how long it was idle, nanoseconds; negative: it does not count. */
  readonly idles: Float64Array;
  /** By close: nanoseconds from an origin that all share. */
  readonly moments: Float64Array;
  /** By close: equal numbers within a path are one address. */
  readonly originators: Int32Array;
  /**
   * Those of path p from `starts[p]` up to `starts[p + 1]`. They need not come by idle time, but then cost a sort; equal
   * idle times stay as they come.
   */
  readonly order: Int32Array;
  readonly starts: Int32Array;
}

export interface IdleQuestion {
  /** Below it no close is on record. */
  readonly shortestNs: number;
  /** So many decisions are in a window at least. */
  readonly alike: number;
  /** The logarithm of how often, of many captures without a timer, chance may be taken for one. */
  readonly logSeldom: number;
}

/** In the order of the paths, of one path the fullest first; none shares a close with another. */
export interface Clusters {
  /** By cluster: how many of its closes are decisions of their own. */
  readonly decisions: Int32Array;
  /** Those of cluster c from `starts[c]` up to `starts[c + 1]`, by idle time. */
  readonly closes: Int32Array;
  readonly starts: Int32Array;
}

/** Which stretches of a path's idle times stand out as a timer of their own: native/numbers/idle_windows.h. */
export const idleWindows = (closes: GroupedCloses, question: IdleQuestion): Clusters =>
  addon().idleWindows(closes, question);

/** Indexes of `keys`, ascending by key; equal keys keep their order. None is NaN. */
export const orderOf = (keys: Float64Array): Int32Array => addon().orderOf(keys);

/** The columns of a Ladder (src/path/estimate/ladder.ts), which this stage may not import. */
export interface SilencesByLength {
  readonly at: Float64Array;
  readonly killedBelow: Float64Array;
  readonly survivedBelow: Float64Array;
}

/** `counts[i]` silences survived `seconds[i]`, in any order; of `kills` each is one: native/numbers/ladder.h. */
export const ladderOf = (
  seconds: Float64Array,
  counts: Float64Array,
  kills: Float64Array,
): SilencesByLength => addon().ladderOf(seconds, counts, kills);

/**
 * The greatest log likelihood that accidents can have, of what ended these and what did not: native/numbers/accidents.h.
 * Some must have been killed, and some survived.
 */
export const logAccidents = (silences: SilencesByLength): number => addon().logAccidents(silences);

/** 20 bytes (RFC 3174): native/numbers/sha1.h. */
export const sha1 = (message: Uint8Array): Uint8Array => addon().sha1(message);
