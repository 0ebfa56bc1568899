/**
 * How many silences span one instant by chance.
 *
 * Kills that have nothing to do with each other overlap all the same: r of them a second, S seconds long, put r·S silences
 * around every instant, and the fullest of many instants has a few more. So a crowd tells of one event only where chance
 * would hardly fill any instant as much. Chance is that each killed silence ended anywhere within the time observed: it spans
 * a given instant with a probability of its own length over that time. The crowd's own silences count too: they are what
 * chance would have to overlap.
 *
 * Nights and weekends are quiet, so what a day holds on average says too little of its busiest hour: the crowd has to stand
 * out from the whole capture and from ever shorter stretches around its instant.
 */
import { firstAtLeast, orderOf } from '../base/order.ts';
import type { Crowd, Kill } from './crowd.ts';

/** Chosen: of a hundred captures without a burst one may be told to have one. */
const LOG_FALSE_ALARMS = Math.log(0.01);
/**
 * Chosen: a stretch holds at least eight mean silences of the crowd. In a shorter one a silence spans any instant too easily:
 * at one in eight, five out of five stand out among three hundred instants still (8^5 is 100 times 328).
 */
const SILENCES = 8;

export interface Observed {
  readonly fromNs: bigint;
  readonly untilNs: bigint;
}

export class Overlap {
  /** In the order of their ends. */
  readonly #kills: readonly Kill[];
  readonly #observed: Observed;
  readonly #looks: number;
  /** nanoseconds since the first moment observed, as everything below */
  readonly #ends: Float64Array;
  /** Below index i the silences lasted so long together. */
  readonly #sums: Float64Array;
  readonly #span: number;
  /** How likely one of them spans the middle of the capture, in which each had room. */
  readonly #share: number;

  /** `kills`: of one group. `looks`: instants looked at, those of other groups included. */
  constructor(kills: readonly Kill[], observed: Observed, looks: number) {
    const order = orderOf(Float64Array.from(kills, ({ goneNs }) => Number(goneNs)));
    this.#kills = Array.from(order, (at) => kills[at] as Kill);
    this.#observed = observed;
    this.#looks = looks;
    this.#span = Number(observed.untilNs - observed.fromNs);
    this.#ends = Float64Array.from(this.#kills, ({ goneNs }) => Number(goneNs - observed.fromNs));
    this.#sums = new Float64Array(kills.length + 1);
    let shares = 0;
    for (let i = 0; i < kills.length; i++) {
      const silence = Number((this.#kills[i] as Kill).silenceNs);
      this.#sums[i + 1] = (this.#sums[i] as number) + silence;
      shares += Math.min(1, silence / Math.max(1, this.#span - silence));
    }
    this.#share = shares / kills.length;
  }

  /** What is known to have gone on was no part of the event, and is none of what it has to stand out from. */
  without(services: ReadonlySet<string>): Overlap {
    if (services.size === 0) return this;
    const left = this.#kills.filter(({ service }) => !services.has(service));
    return new Overlap(left, this.#observed, this.#looks);
  }

  isChance(crowd: Crowd): boolean {
    const { kills } = crowd;
    if (this.#isLikely(kills.length, this.#ends.length, this.#share)) return true;
    const at = Number(crowd.atNs - this.#observed.fromNs);
    const least = SILENCES * meanSilence(kills);
    for (let around = this.#span / 2; ; around /= 2) {
      const [from, until] = [Math.max(0, at - around), Math.min(this.#span, at + around)];
      if (until - from < least) return false;
      if (this.#isLikelyWithin(this.#endedBy(kills, until), from, until)) return true;
    }
  }

  #endedBy(kills: readonly Kill[], until: number): number {
    const untilNs = this.#observed.fromNs + BigInt(Math.floor(until));
    let count = 0;
    for (let i = 0; i < kills.length; i++) if ((kills[i] as Kill).goneNs <= untilNs) count++;
    return count;
  }

  #isLikelyWithin(count: number, from: number, until: number): boolean {
    const [first, behind] = [firstAtLeast(this.#ends, from), firstAtLeast(this.#ends, until)];
    const silent = (this.#sums[behind] as number) - (this.#sums[first] as number);
    const all = Math.max(count, behind - first);
    return this.#isLikely(count, all, Math.min(1, silent / all / (until - from)));
  }

  #isLikely(count: number, all: number, share: number): boolean {
    return logAtLeast(count, all, share) + Math.log(this.#looks) > LOG_FALSE_ALARMS;
  }
}

function meanSilence(kills: readonly Kill[]): number {
  let sum = 0;
  for (let i = 0; i < kills.length; i++) sum += Number((kills[i] as Kill).silenceNs);
  return sum / kills.length;
}

/**
 * A bound on the logarithm of the chance that `count` or more of `all` independent things happen, each as likely as `share`
 * on average (Hoeffding 1963, theorem 1: they need not be equally likely).
 */
export function logAtLeast(count: number, all: number, share: number): number {
  if (all === 0 || count <= all * share) return 0;
  const others = all - count;
  const missing = others === 0 ? 0 : others * Math.log(others / (all * (1 - share)));
  return -count * Math.log(count / (all * share)) - missing;
}
