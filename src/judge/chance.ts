/** Bounds on what chance does, as logarithms: they are compared with how often it may be mistaken for something. */

/** Chosen: one time in a hundred (of captures without a burst, without a timer) chance alone is taken for one. */
export const LOG_SELDOM = Math.log(0.01);

/**
 * A bound on the logarithm of the chance that `count` or more of `all` independent things happen, each as likely as `share`
 * on average: Hoeffding's (1963, theorem 1), for which they need not be equally likely, and for few of many the sharper one
 * of the binomial's tail (Feller, volume 1, VI.3.4, with Stirling's bounds).
 */
export function logBinomialAtLeast(count: number, all: number, share: number): number {
  const mean = all * share;
  if (count <= mean) return 0;
  const others = all - count;
  if (others === 0) return all * Math.log(share);
  const hoeffding =
    -count * Math.log(count / mean) - others * Math.log(others / (all * (1 - share)));
  const term = Math.log(all / (2 * Math.PI * count * others)) / 2;
  const tail = Math.log((count * (1 - share)) / (count - mean));
  return hoeffding + Math.min(0, term + tail);
}
