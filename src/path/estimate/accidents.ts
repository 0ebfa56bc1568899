/**
 * What ends silences where no box does: some of it strikes whatever the length, some per unit of time (hosts that go away,
 * deployments, roaming, flapping links). A silence of length g outlives both with probability exp(−(a + λ·g)), so the longer
 * it is, the likelier it dies: of many silences a step explains that better than one constant rate, and there is no timeout.
 *
 * The log likelihood is concave in a and λ, so Newton's method with halved steps finds its one maximum; survivors enter it
 * by two sums, and each pass looks at kills alone.
 */
import type { Ladder } from './ladder.ts';

interface Rates {
  /** −ln of the share that outlives what strikes whatever the length. */
  readonly a: number;
  /** λ times the longest length. */
  readonly b: number;
}

interface Deaths {
  /** Lengths at which silences were killed, of the longest. */
  readonly at: Float64Array;
  readonly killed: Float64Array;
  readonly survived: number;
  /** Sum of the lengths that survived. */
  readonly survivedLengths: number;
  /** Of outliving, at the rates that `logLikelihood` was asked about last: Newton's step begins where that was. */
  readonly odds: Float64Array;
}

function deathsIn({ at, killedBelow, survivedBelow, survived }: Ladder): Deaths {
  const longest = at.at(-1) ?? 1;
  const lengths: number[] = [];
  const counts: number[] = [];
  let survivedLengths = 0;
  for (let i = 0; i < at.length; i++) {
    const length = (at[i] as number) / longest;
    const killed = (killedBelow[i + 1] as number) - (killedBelow[i] as number);
    survivedLengths += length * ((survivedBelow[i + 1] as number) - (survivedBelow[i] as number));
    if (killed === 0) continue;
    lengths.push(length);
    counts.push(killed);
  }
  return {
    at: Float64Array.from(lengths),
    killed: Float64Array.from(counts),
    survived,
    survivedLengths,
    odds: new Float64Array(lengths.length),
  };
}

/** −∞ where a kill would have had no chance at all. */
function logLikelihood(deaths: Deaths, a: number, b: number): number {
  const { at, killed, survived, survivedLengths, odds } = deaths;
  let log = -a * survived - b * survivedLengths;
  for (let i = 0; i < at.length; i++) {
    const x = a + b * (at[i] as number);
    if (x <= 0) return Number.NEGATIVE_INFINITY;
    const outlived = 1 / Math.expm1(x);
    odds[i] = outlived;
    log -= (killed[i] as number) * Math.log1p(outlived);
  }
  return log;
}

interface Step extends Rates {
  /** How fast the log likelihood rises along it: being concave, it rises by no more than that at the step's end. */
  readonly slope: number;
}

const stepTo = (a: number, b: number, da: number, db: number): Step => ({
  a,
  b,
  slope: a * da + b * db,
});

/** Newton's step from there; along b alone where a is held at 0. */
function newton({ at, killed, survived, survivedLengths, odds }: Deaths, holdsA: boolean): Step {
  let [da, db, daa, dab, dbb] = [-survived, -survivedLengths, 0, 0, 0];
  for (let i = 0; i < at.length; i++) {
    const u = at[i] as number;
    const outlived = odds[i] as number;
    const slope = (killed[i] as number) * outlived;
    const bend = -slope * (1 + outlived);
    da += slope;
    db += slope * u;
    daa += bend;
    dab += bend * u;
    dbb += bend * u * u;
  }
  if (holdsA) return stepTo(0, -db / dbb, da, db);
  const determinant = daa * dbb - dab * dab;
  // Kills of one length alone tell the two rates apart by nothing.
  if (!(determinant > 1e-12 * daa * dbb)) return stepTo(-da / daa, 0, da, db);
  return stepTo((dab * db - dbb * da) / determinant, (dab * da - daa * db) / determinant, da, db);
}

const ROUNDS = 60;
/** Less than any decision hangs on. */
const CLOSE = 1e-9;

interface Fit extends Rates {
  readonly log: number;
}

function climb(deaths: Deaths, from: Rates, holdsA: boolean): Fit {
  let { a, b } = from;
  let log = logLikelihood(deaths, a, b);
  for (let round = 0; round < ROUNDS; round++) {
    const step = newton(deaths, holdsA);
    let rises = 0;
    for (let part = 1; rises === 0 && part * step.slope >= CLOSE; part /= 2) {
      const [nextA, nextB] = [a + part * step.a, b + part * step.b];
      const next = logLikelihood(deaths, nextA, nextB);
      if (next > log) [a, b, log, rises] = [nextA, nextB, next, next - log];
    }
    if (rises < CLOSE) break;
  }
  return { a, b, log };
}

/** The greatest log likelihood that accidents can have; there are kills and survivors. */
export function logAccidents(steps: Ladder): number {
  const deaths = deathsIn(steps);
  const { killed, survived } = steps;
  const constant = Math.log1p(killed / survived);
  const free = climb(deaths, { a: constant / 2, b: constant / 2 }, false);
  if (free.a >= 0 && free.b >= 0) return free.log;
  if (free.b < 0) return logLikelihood(deaths, constant, 0);
  return climb(deaths, { a: 0, b: constant }, true).log;
}
