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
import { logBetaOfCounts } from './log-beta.ts';

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

const logBelow = logBetaOfCounts(KILLED_BELOW.a, KILLED_BELOW.b);
const logAbove = logBetaOfCounts(SURVIVED_ABOVE.a, SURVIVED_ABOVE.b);

/** ln P(observations | T within this split), error rates integrated out. */
export function logLikelihood(steps: Ladder, i: number): number {
  const { killedBelow, survivedBelow, killedAbove, survivedAbove } = splitAt(steps, i);
  return logBelow(killedBelow, survivedBelow) + logAbove(survivedAbove, killedAbove);
}

/** The staircase, step by step: from which length to which, how likely; masses add up to 1. */
interface Stairs {
  readonly edges: Float64Array;
  readonly logs: Float64Array;
  readonly masses: Float64Array;
}

function staircase(steps: Ladder, prior: Prior): Stairs {
  const count = steps.at.length + 1;
  const edges = new Float64Array(count + 1);
  edges[0] = prior.lowSeconds;
  edges[count] = prior.highSeconds;
  steps.at.forEach((s, i) => {
    edges[i + 1] = Math.min(prior.highSeconds, Math.max(prior.lowSeconds, s));
  });
  const logs = new Float64Array(count).map((_, i) => logLikelihood(steps, i));
  const most = logs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const raw = logs.map(
    (log, i) => Math.exp(log - most) * Math.log((edges[i + 1] as number) / (edges[i] as number)),
  );
  const sum = raw.reduce((all, mass) => all + mass, 0);
  return { edges, logs, masses: raw.map((mass) => mass / sum) };
}

/** Over the lengths that were observed: beyond them the prior would speak, not the data. */
function median({ edges, masses }: Stairs): number {
  const [first, end] = masses.length > 2 ? [1, masses.length - 1] : [0, masses.length];
  const half = masses.subarray(first, end).reduce((all, mass) => all + mass, 0) / 2;
  let below = 0;
  for (let i = first; i < end; i++) {
    const [from, until, mass] = [edges[i], edges[i + 1], masses[i]] as [number, number, number];
    if (below + mass >= half && mass > 0) return from * (until / from) ** ((half - below) / mass);
    below += mass;
  }
  return edges[end] ?? 0;
}

/** Likeliest steps first until enough is held; what lies between two of them belongs to the interval. */
function hull({ edges, logs, masses }: Stairs): { lowSeconds: number; highSeconds: number } {
  const order: number[] = [];
  for (let i = 0; i < masses.length; i++) if ((masses[i] as number) > 0) order.push(i);
  // Edges ascend: of two equally likely steps the lower comes first.
  order.sort((a, b) => (logs[b] as number) - (logs[a] as number) || a - b);
  let [held, lowSeconds, highSeconds] = [0, Number.POSITIVE_INFINITY, 0];
  for (const i of order) {
    lowSeconds = Math.min(lowSeconds, edges[i] as number);
    highSeconds = Math.max(highSeconds, edges[i + 1] as number);
    held += masses[i] as number;
    if (held >= HELD) break;
  }
  return { lowSeconds, highSeconds };
}

export function posterior(steps: Ladder, prior: Prior): Posterior {
  const stairs = staircase(steps, prior);
  const { lowSeconds, highSeconds } = hull(stairs);
  // The steps before the first and behind the last observation are the prior's: the median looks away from them.
  const medianSeconds = Math.min(highSeconds, Math.max(lowSeconds, median(stairs)));
  return { medianSeconds, lowSeconds, highSeconds };
}
