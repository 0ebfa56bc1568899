/**
 * A step that is none: where a box looks at its table seldom, where two boxes of nearly one timeout stand side by side, or
 * where somebody changed it, silences die the likelier the longer they are, from one length on until all die from another.
 * A step is then put somewhere between, and the more silences there are the surer it is of what is not so.
 *
 * Within a quarter of the step on either side a ramp from a to b (in the logarithm of the length) is compared with the best
 * step; the shares that die below and beyond are those seen further off. It is taken where twice the gain in log likelihood is
 * at least 10 + ln n, as for every step (significance.ts). The ends are the least a and the greatest b of all ramps that are not
 * much worse than the best (twice 1.92, the 95 % of one parameter).
 */
import { firstAtLeast } from '../../base/order.ts';
import type { Ladder } from './ladder.ts';
import { APART, GAIN, logFit } from './significance.ts';

/** Ends are looked for at every hundredth, as survivors are binned. */
const PLACES = 23;
const HELD = 3.84;

export interface Ramp {
  readonly lowSeconds: number;
  readonly highSeconds: number;
}

/** What was seen within the reach of a step: the logarithms of lengths, and how many of each died and survived. */
interface Near {
  readonly logs: Float64Array;
  readonly killed: Float64Array;
  readonly survived: Float64Array;
  readonly size: number;
  /** Shares that die well below, and well beyond. */
  readonly below: number;
  readonly beyond: number;
}

/** Half of one more, so that no share is 0 or 1. */
const share = (killed: number, survived: number): number =>
  (killed + 0.5) / (killed + survived + 1);

function near(steps: Ladder, stepSeconds: number): Near {
  const { at, killedBelow, survivedBelow } = steps;
  const [low, high] = [stepSeconds / APART, stepSeconds * APART];
  const from = firstAtLeast(at, low);
  const until = firstAtLeast(at, high);
  const each = (sums: Float64Array): Float64Array =>
    Float64Array.from({ length: until - from }, (_, i) => {
      return (sums[from + i + 1] as number) - (sums[from + i] as number);
    });
  const [k, s] = [killedBelow[from] as number, survivedBelow[from] as number];
  const [far, spared] = [killedBelow[until] as number, survivedBelow[until] as number];
  return {
    logs: at.slice(from, until).map(Math.log),
    killed: each(killedBelow),
    survived: each(survivedBelow),
    size: far - k + spared - s,
    below: share(k, s),
    beyond: share(steps.killed - far, steps.survived - spared),
  };
}

/** a = b: a step. */
function logLikelihood(seen: Near, a: number, b: number): number {
  const { logs, killed, survived, below, beyond } = seen;
  let log = 0;
  for (let i = 0; i < logs.length; i++) {
    const x = logs[i] as number;
    const part = x <= a ? 0 : x >= b ? 1 : (x - a) / (b - a);
    const dies = below + (beyond - below) * part;
    const [k, s] = [killed[i] as number, survived[i] as number];
    if (k > 0) log += k * Math.log(dies);
    if (s > 0) log += s * Math.log1p(-dies);
  }
  return log;
}

/** No likelihood is above this: each length dies as often as it did. */
function logMost({ killed, survived }: Near): number {
  let log = 0;
  for (let i = 0; i < killed.length; i++) log += logFit(killed[i] as number, survived[i] as number);
  return log;
}

/** Null where a step says as much. */
export function ramp(steps: Ladder, stepSeconds: number): Ramp | null {
  const seen = near(steps, stepSeconds);
  const place = (i: number): number => Math.log(stepSeconds) + (i / PLACES) * Math.log(APART);
  let step = Number.NEGATIVE_INFINITY;
  for (let i = -PLACES; i <= PLACES; i++)
    step = Math.max(step, logLikelihood(seen, place(i), place(i)));
  const enough = GAIN + Math.log(Math.max(1, seen.size));
  if (2 * (logMost(seen) - step) < enough) return null;
  const all: { readonly a: number; readonly b: number; readonly log: number }[] = [];
  for (let i = -PLACES; i <= PLACES; i++) {
    for (let j = i; j <= PLACES; j++) {
      const [a, b] = [place(i), place(j)];
      all.push({ a, b, log: logLikelihood(seen, a, b) });
    }
  }
  const most = all.reduce((best, { log }) => Math.max(best, log), Number.NEGATIVE_INFINITY);
  if (2 * (most - step) < enough) return null;
  const held = all.filter(({ log }) => 2 * (most - log) <= HELD);
  return {
    lowSeconds: Math.exp(
      held.reduce((least, { a }) => Math.min(least, a), Number.POSITIVE_INFINITY),
    ),
    highSeconds: Math.exp(held.reduce((top, { b }) => Math.max(top, b), Number.NEGATIVE_INFINITY)),
  };
}
