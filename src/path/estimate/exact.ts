/**
 * Boxes that announce their expiry tell T itself: each unasked reset came T after the last packet, plus however long the
 * box took to notice. The half-sample mode (Robertson and Cryer 1974) finds where such records crowd together, and
 * does not mind the few that something else sent. What comes at one moment is one observation: connections that were last
 * used together look the same when a box drops all it has.
 */

const AT_LEAST = 3;
/** Records within this of each other tell one timer (domain section 7). */
const SPREAD_SECONDS = 1;
const SPREAD_PART = 0.02;
/** Chosen: a box looks more often than a fifth of what it waits. */
const SWEPT = 0.2;
/** Chosen: of all unasked resets on a path, how many must agree. */
const AGREE = 0.6;

export interface Exact {
  readonly modeSeconds: number;
  readonly lowSeconds: number;
  readonly highSeconds: number;
  readonly agreeing: number;
}

/** The densest half of the densest half …: sorted ascending, at least one. */
export function halfSampleMode(sorted: readonly number[]): number {
  if (sorted.length <= 2) return ((sorted[0] ?? 0) + (sorted.at(-1) ?? 0)) / 2;
  const half = Math.ceil(sorted.length / 2);
  let [from, width] = [0, Number.POSITIVE_INFINITY];
  for (let i = 0; i + half <= sorted.length; i++) {
    const here = (sorted[i + half - 1] ?? 0) - (sorted[i] ?? 0);
    if (here < width) [from, width] = [i, here];
  }
  return halfSampleMode(sorted.slice(from, from + half));
}

/** A reset at expiry, unasked. */
export interface Announced {
  readonly seconds: number;
  readonly goneAtNs: bigint;
}

/** Chosen: a box that resets all it has does so in a tenth of a second. */
const ONE_MOMENT_SECONDS = 0.1;

/** Moments, each further behind the one before than that. */
export function separateMoments(
  all: readonly Pick<Announced, 'goneAtNs'>[],
  apartSeconds = ONE_MOMENT_SECONDS,
): number {
  const apartNs = BigInt(Math.round(apartSeconds * 1e9));
  const sorted = all.map(({ goneAtNs }) => goneAtNs).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted.filter((goneAtNs, i) => i === 0 || goneAtNs - (sorted[i - 1] as bigint) > apartNs)
    .length;
}

/**
 * How far below the least of n records the timer of a box may lie that looks now and then, 19 of 20 times: of n uniform
 * delays with range R, the least is more than t·R with probability (1 + t)^−(n−1).
 */
const below = (range: number, n: number): number => range * (0.05 ** (-1 / (n - 1)) - 1);

/** Those near the mode, and on either side whoever is as near to one of them: a box that looks seldom spreads them. */
function around(sorted: readonly Announced[], modeSeconds: number): readonly Announced[] {
  const near = Math.max(SPREAD_SECONDS, SPREAD_PART * modeSeconds) / 2;
  const far = SWEPT * modeSeconds;
  const at = (i: number): number => sorted[i]?.seconds ?? Number.NaN;
  let from = sorted.findIndex(({ seconds }) => seconds >= modeSeconds - near);
  let until = from;
  while (at(until) <= modeSeconds + near) until++;
  while (at(from) - at(from - 1) <= near && modeSeconds - at(from - 1) <= far) from--;
  while (at(until) - at(until - 1) <= near && at(until) - modeSeconds <= far) until++;
  return sorted.slice(from, until);
}

/** Null where fewer than three agree, or as many moments, or too many do not. */
export function exactTimeout(all: readonly Announced[]): Exact | null {
  if (all.length < AT_LEAST) return null;
  const sorted = [...all].sort((a, b) => a.seconds - b.seconds);
  const modeSeconds = halfSampleMode(sorted.map(({ seconds }) => seconds));
  const alike = around(sorted, modeSeconds);
  if (alike.length < AT_LEAST || alike.length < AGREE * sorted.length) return null;
  const least = alike[0]?.seconds ?? modeSeconds;
  const most = alike.at(-1)?.seconds ?? modeSeconds;
  // One moment for all would leave their lengths as far apart as their beginnings were.
  const apart = Math.max(ONE_MOMENT_SECONDS, most - least);
  if (separateMoments(alike, apart) < AT_LEAST) return null;
  const lowSeconds = Math.max(0, least - below(most - least, alike.length));
  return { modeSeconds, lowSeconds, highSeconds: most, agreeing: alike.length };
}
