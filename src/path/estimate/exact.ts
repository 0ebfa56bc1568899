/**
 * Boxes that announce their expiry tell T itself: each unasked reset came T after the last packet, plus however long the
 * box took to notice. The half-sample mode (Robertson and Cryer 1974) finds where such records crowd together, and
 * does not mind the few that something else sent.
 */

const AT_LEAST = 3;
/** Records within this of each other tell one timer (domain section 7). */
const SPREAD_SECONDS = 1;
const SPREAD_PART = 0.02;
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

/**
 * Null where fewer than three agree, or too many do not. Below the least record by the records' own spread: a box
 * that looks rarely is late with all of them.
 */
export function exactTimeout(seconds: readonly number[]): Exact | null {
  if (seconds.length < AT_LEAST) return null;
  const sorted = [...seconds].sort((a, b) => a - b);
  const modeSeconds = halfSampleMode(sorted);
  const near = Math.max(SPREAD_SECONDS, SPREAD_PART * modeSeconds) / 2;
  const alike = sorted.filter((one) => Math.abs(one - modeSeconds) <= near);
  if (alike.length < AT_LEAST || alike.length < AGREE * sorted.length) return null;
  const [least = modeSeconds, most = modeSeconds] = [alike[0], alike.at(-1)];
  const lowSeconds = least - (most - least);
  return { modeSeconds, lowSeconds, highSeconds: most, agreeing: alike.length };
}
