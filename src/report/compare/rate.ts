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

/** P(X ≥ k) < LEVEL, X binomial(n, p). Behind the mean the terms only fall, so it soon shows. */
function isRare(n: number, k: number, p: number): boolean {
  if (k <= n * p) return false;
  let sum = 0;
  for (let i = k; i <= n && sum < LEVEL; i++) {
    const term = Math.exp(logChoose(n, i) + i * Math.log(p) + (n - i) * Math.log1p(-p));
    sum += term;
    if (term <= sum * 1e-9) break;
  }
  return sum < LEVEL;
}

export function rateOf(before: Counted, after: Counted): Rate {
  const all = before.kills + after.kills;
  if (!before.seconds || !after.seconds) return 'unknown';
  const share = after.seconds / (before.seconds + after.seconds);
  if (isRare(all, after.kills, share)) return 'more';
  return isRare(all, before.kills, 1 - share) ? 'fewer' : 'alike';
}

export const perHour = ({ kills, seconds }: Counted): number | null =>
  seconds ? (kills * 3600) / seconds : null;
