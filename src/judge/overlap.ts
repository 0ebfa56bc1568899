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
import { firstAtLeast, pick } from '../base/order.ts';
import { orderOf } from '../capture/numbers.ts';
import { LOG_SELDOM, logBinomialAtLeast } from './chance.ts';
import type { Crowd, Kill } from './crowd.ts';

/**
 * Chosen: a stretch holds at least eight mean silences of the crowd. In a shorter one a silence spans any instant too easily:
 * at one in eight, five out of five stand out among three hundred instants still (8^5 is 100 times 328).
 */
const SILENCES = 8;

export interface Observed {
  readonly fromNs: bigint;
  readonly untilNs: bigint;
}

/** Silences, and how likely they span an instant, summed up. */
interface Sum {
  count: number;
  shares: number;
}

export class Overlap {
  /** In the order of their ends. */
  readonly #kills: readonly Kill[];
  /** nanoseconds since the first moment observed, as everything below */
  readonly #ends: Float64Array;
  readonly #silences: Float64Array;
  readonly #originNs: bigint;
  readonly #span: number;
  readonly #logLooks: number;
  readonly #byService = new Map<string, Sum>();

  /** `kills`: of one group. `looks`: instants looked at, those of other groups included. */
  constructor(kills: readonly Kill[], { fromNs, untilNs }: Observed, looks: number) {
    this.#originNs = fromNs;
    this.#span = Number(untilNs - fromNs);
    this.#logLooks = Math.log(looks);
    const ends = Float64Array.from(kills, ({ goneNs }) => Number(goneNs - fromNs));
    const order = orderOf(ends);
    this.#kills = Array.from(order, (at) => kills[at] as Kill);
    this.#ends = pick(ends, order);
    this.#silences = Float64Array.from(this.#kills, ({ silenceNs }) => Number(silenceNs));
    for (const kill of kills) this.#add(kill);
  }

  /** The middle of the capture is spanned most easily: a silence had room on both sides of it. */
  #add({ service, silenceNs }: Kill): void {
    const length = Number(silenceNs);
    const share = Math.min(1, length / Math.max(1, this.#span - length));
    const known = this.#byService.get(service);
    if (known === undefined) this.#byService.set(service, { count: 1, shares: share });
    else {
      known.count += 1;
      known.shares += share;
    }
  }

  /** `wentOn`: no part of the event, nor of what it has to stand out from. */
  isChance(crowd: Crowd, wentOn: ReadonlySet<string>): boolean {
    const { kills } = crowd;
    if (this.#isLikely(kills.length, this.#all(wentOn))) return true;
    const at = Number(crowd.atNs - this.#originNs);
    const least = SILENCES * meanSilence(kills);
    for (let around = this.#span / 2; ; around /= 2) {
      const [from, until] = [Math.max(0, at - around), Math.min(this.#span, at + around)];
      if (until - from < least) return false;
      const ended = this.#endedBy(kills, until);
      if (this.#isLikely(ended, this.#within(from, until, wentOn))) return true;
    }
  }

  #all(wentOn: ReadonlySet<string>): Sum {
    const all = { count: 0, shares: 0 };
    for (const [service, { count, shares }] of this.#byService) {
      if (wentOn.has(service)) continue;
      all.count += count;
      all.shares += shares;
    }
    return all;
  }

  #within(from: number, until: number, wentOn: ReadonlySet<string>): Sum {
    const within = { count: 0, shares: 0 };
    const behind = firstAtLeast(this.#ends, until);
    for (let i = firstAtLeast(this.#ends, from); i < behind; i++) {
      if (wentOn.size > 0 && wentOn.has((this.#kills[i] as Kill).service)) continue;
      within.count += 1;
      within.shares += Math.min(1, (this.#silences[i] as number) / (until - from));
    }
    return within;
  }

  #endedBy(kills: readonly Kill[], until: number): number {
    const untilNs = this.#originNs + BigInt(Math.floor(until));
    let count = 0;
    for (let i = 0; i < kills.length; i++) if ((kills[i] as Kill).goneNs < untilNs) count++;
    return count;
  }

  #isLikely(spanning: number, { count, shares }: Sum): boolean {
    const all = Math.max(spanning, count);
    return logBinomialAtLeast(spanning, all, shares / all) + this.#logLooks > LOG_SELDOM;
  }
}

function meanSilence(kills: readonly Kill[]): number {
  let sum = 0;
  for (let i = 0; i < kills.length; i++) sum += Number((kills[i] as Kill).silenceNs);
  return sum / kills.length;
}
