/**
 * Where silences begin to be fatal: the posterior of T from survivors and kills.
 *
 * One box's T is almost a constant, so the model has one step and two error rates: below T a silence is killed by
 * something else with probability e0, above T it survives all the same with probability e1. Both rates are
 * integrated out under beta priors; T has a log-uniform prior. Between two neighbouring observations nothing tells one T from
 * another, so the posterior is flat there (in log T): it is a staircase, exact, and costs one pass.
 *
 * The interval is made of whole steps of that staircase, the most likely first, until they hold 95 %; its ends are
 * lengths of observations. On clean data that is the bracket [longest survivor, shortest kill].
 */
import { type Ladder, splitAt } from './ladder.ts';
import { logBeta } from './log-beta.ts';

/** Seconds between which T is looked for. */
export interface Prior {
  readonly lowSeconds: number;
  readonly highSeconds: number;
}

export interface Posterior {
  /** Median of log T. */
  readonly medianSeconds: number;
  readonly lowSeconds: number;
  readonly highSeconds: number;
}

/**
 * Beta priors of the error rates, chosen: both are usually small (mean 5 % and 10 %) and may be large. Checked by
 * simulation, test/path/estimate.simulation.test.ts.
 */
const KILLED_BELOW = { a: 0.5, b: 9.5 } as const;
const SURVIVED_ABOVE = { a: 0.5, b: 4.5 } as const;

const HELD = 0.95;

const DAY = 86_400;

/** Chosen (domain): 5 s to 2 days; a capture read for shorter silences may hold shorter timeouts. */
export const priorFor = (shortestSeconds: number): Prior => ({
  lowSeconds: Math.min(5, Math.max(shortestSeconds / 2, 0.1)),
  highSeconds: 2 * DAY,
});

/** ln P(observations | T within this split), error rates integrated out. */
export function logLikelihood(steps: Ladder, i: number): number {
  const { killedBelow, survivedBelow, killedAbove, survivedAbove } = splitAt(steps, i);
  return (
    logBeta(KILLED_BELOW.a + killedBelow, KILLED_BELOW.b + survivedBelow) +
    logBeta(SURVIVED_ABOVE.a + survivedAbove, SURVIVED_ABOVE.b + killedAbove)
  );
}

interface Step {
  readonly from: number;
  readonly until: number;
  readonly logLikelihood: number;
  readonly mass: number;
}

/** The staircase; masses add up to 1. */
function staircase(steps: Ladder, prior: Prior): readonly Step[] {
  const clamp = (s: number): number => Math.min(prior.highSeconds, Math.max(prior.lowSeconds, s));
  const edges = [prior.lowSeconds, ...steps.at.map(clamp), prior.highSeconds];
  const logs = edges.slice(1).map((_, i) => logLikelihood(steps, i));
  const most = logs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const raw = logs.map((log, i) => {
    const [from, until] = [edges[i] ?? 0, edges[i + 1] ?? 0];
    return { from, until, logLikelihood: log, mass: Math.exp(log - most) * Math.log(until / from) };
  });
  const sum = raw.reduce((all, { mass }) => all + mass, 0);
  return raw.map((step) => ({ ...step, mass: step.mass / sum }));
}

/** Over the lengths that were observed: beyond them the prior would speak, not the data. */
function median(stairs: readonly Step[]): number {
  const seen = stairs.length > 2 ? stairs.slice(1, -1) : stairs;
  const half = seen.reduce((all, { mass }) => all + mass, 0) / 2;
  let below = 0;
  for (const { from, until, mass } of seen) {
    if (below + mass >= half && mass > 0) return from * (until / from) ** ((half - below) / mass);
    below += mass;
  }
  return seen.at(-1)?.until ?? 0;
}

/** Likeliest steps first until enough is held; what lies between two of them belongs to the interval. */
function hull(stairs: readonly Step[]): { lowSeconds: number; highSeconds: number } {
  const order = stairs.filter(({ mass }) => mass > 0);
  order.sort((a, b) => b.logLikelihood - a.logLikelihood || a.from - b.from);
  let [held, lowSeconds, highSeconds] = [0, Number.POSITIVE_INFINITY, 0];
  for (const { from, until, mass } of order) {
    lowSeconds = Math.min(lowSeconds, from);
    highSeconds = Math.max(highSeconds, until);
    held += mass;
    if (held >= HELD) break;
  }
  return { lowSeconds, highSeconds };
}

export function posterior(steps: Ladder, prior: Prior): Posterior {
  const stairs = staircase(steps, prior);
  return { medianSeconds: median(stairs), ...hull(stairs) };
}
