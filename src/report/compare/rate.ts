/**
 * Do connections die more often than before, or is that chance?
 *
 * If the rate were the same, the kills of AFTER among all of them would be binomial with the share
 * of time that AFTER lasted: the exact conditional test of two Poisson rates (Przyborowski and
 * Wilenski, Biometrika 31, 1940).
 */
import { logGamma } from '../../path/estimate/log-beta.ts';

export interface Counted {
  readonly kills: number;
  readonly seconds: number | null;
}

export type Rate = 'more' | 'fewer' | 'alike' | 'unknown';

/** Chosen: kills come in bunches, so a weaker level would cry wolf. */
const LEVEL = 0.01;

const logChoose = (n: number, k: number): number =>
  logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);

/** P(X ≥ k), X binomial(n, p). */
function upperTail(n: number, k: number, p: number): number {
  let sum = 0;
  for (let i = k; i <= n; i++) {
    sum += Math.exp(logChoose(n, i) + i * Math.log(p) + (n - i) * Math.log1p(-p));
  }
  return sum;
}

export function rateOf(before: Counted, after: Counted): Rate {
  const all = before.kills + after.kills;
  if (!before.seconds || !after.seconds) return 'unknown';
  const share = after.seconds / (before.seconds + after.seconds);
  if (upperTail(all, after.kills, share) < LEVEL) return 'more';
  return upperTail(all, before.kills, 1 - share) < LEVEL ? 'fewer' : 'alike';
}

export const perHour = ({ kills, seconds }: Counted): number | null =>
  seconds ? (kills * 3600) / seconds : null;
