/**
 * Which pages share a box? Responders of one network and ports of one responder may.
 *
 * The pages of one service (one port of one network, one speaker) are looked at as a whole first, those where nothing was
 * killed included: the whole shows a T or it shows none. To begin with pages that agree would find a T in any accidents: like
 * is put to like, and what contradicts is left out. So a hundred servers with one kill and a few survivors each are one path.
 * A page leaves the whole only where it knows a T of its own, though as many were looked at, and its silences speak clearly
 * against the whole's. Members of the path are those that speak for its T: a lone kill after ten minutes contradicts no shorter
 * timeout, and says nothing of one.
 *
 * Services, and pages that left, are put together where one T with one pair of error rates explains them no worse than a T
 * for each (BIC: three parameters saved). Where a whole shows no T, it belongs to one that is known, if it speaks for that and
 * BIC allows.
 *
 * Both first speakers are put together only where each has an estimate of its own and the two agree: on Linux the outside
 * speaking first may survive what the inside does not, and little data would hide that.
 */
import { type Posterior, posterior, type Prior } from './estimate/change-point.ts';
import { type Evidence, packetLadder, together } from './estimate/evidence.ts';
import type { Ladder } from './estimate/ladder.ts';
import { longestOf } from './estimate/lengths.ts';
import {
  AT_LEAST,
  isSignificantAmong,
  logStepBest,
  speaksAgainst,
} from './estimate/significance.ts';
import { type Estimate, estimate, withoutTimeout } from './estimate/timeout.ts';
import { networkOf } from './network.ts';
import type { Page } from './page.ts';
import { gather } from './rows.ts';

/** Pages of one path, the one with the most kills first, and what they say together. */
export interface Group {
  readonly pages: readonly [Page, ...Page[]];
  readonly evidence: Evidence;
  readonly estimate: Estimate;
}

/**
 * … and how well one step explains it, and where; told when somebody asks: who stays alone is never compared, and of a
 * path where nothing died few want to know T.
 */
class Cluster implements Group {
  readonly pages: Group['pages'];
  readonly evidence: Evidence;
  readonly #prior: Prior;
  /** A T of its own is one of many that were looked for, and found by chance. */
  readonly #byChance: boolean;
  #estimate: Estimate | undefined;
  #log: number | undefined;
  #found: Posterior | undefined;

  constructor(pages: Group['pages'], evidence: Evidence, prior: Prior, byChance = false) {
    this.pages = pages;
    this.evidence = evidence;
    this.#prior = prior;
    this.#byChance = byChance;
  }

  get estimate(): Estimate {
    if (this.#estimate === undefined) {
      const found = estimate(this.evidence, this.#prior);
      this.#estimate = this.#byChance ? withoutTimeout(found) : found;
    }
    return this.#estimate;
  }

  get steps(): Ladder {
    return packetLadder(this.evidence);
  }

  get log(): number {
    return (this.#log ??= logStepBest(this.steps));
  }

  get #posterior(): Posterior {
    return (this.#found ??= posterior(this.steps, this.#prior));
  }

  get interval(): Prior {
    const { timeout } = this.estimate;
    return timeout.status === 'refused' ? this.#posterior : intervalOf(timeout, this.#prior);
  }

  get medianSeconds(): number {
    return this.estimate.timeout.estimateSeconds ?? this.#posterior.medianSeconds;
  }
}

/** T, and the two error rates. */
const PARAMETERS = 3;

/** Where T may lie: the posterior's where nothing is estimated. */
const intervalOf = ({ lowSeconds, highSeconds }: Estimate['timeout'], prior: Prior): Prior => ({
  lowSeconds: lowSeconds ?? prior.lowSeconds,
  highSeconds: highSeconds ?? prior.highSeconds,
});

/** Fewer kills tell no T. */
const isKnown = (cluster: Cluster): boolean =>
  cluster.evidence.kills.length >= AT_LEAST && cluster.estimate.timeout.status === 'estimated';

/** What is known to have another cause is no evidence of a box, nor against one. */
function isElse(cluster: Cluster): boolean {
  if (!hasKills(cluster)) return false;
  const { reason } = cluster.estimate.timeout;
  return reason === 'endpoint-timer' || reason === 'several-steps';
}

const placeOf = ({ pages: [{ responder, tcpState }] }: Cluster): string => {
  const { capturePoint, tunnelKind, tunnelId, address, ipVersion } = responder;
  const network = networkOf(address, ipVersion);
  return [capturePoint, tunnelKind, tunnelId, network, tcpState].join('|');
};

/** At least one, as one. */
function pooled(clusters: readonly Cluster[], prior: Prior): Cluster {
  const [only, ...others] = clusters;
  if (only !== undefined && others.length === 0) return only;
  const evidence = together(clusters.map((cluster) => cluster.evidence));
  return new Cluster(pagesOf(clusters), evidence, prior);
}

/** Of at least one. */
const pagesOf = (clusters: readonly Cluster[]): Group['pages'] =>
  clusters.flatMap(({ pages }) => pages).sort(byKills) as [Page, ...Page[]];

/** The two as one, or null where that explains them worse. */
function joined(one: Cluster, other: Cluster, prior: Prior): Cluster | null {
  if (!overlap(one.interval, other.interval)) return null;
  const both = pooled([one, other], prior);
  if (!bears(one, both.medianSeconds) || !bears(other, both.medianSeconds)) return null;
  const lost = 2 * (one.log + other.log - both.log);
  const { killed, survived } = both.steps;
  return lost <= PARAMETERS * Math.log(killed + survived) ? both : null;
}

/** Chosen: silences this near to T, on either side, speak of it; further off they contradict nothing. */
const SURVIVED_FROM = 0.5;
const KILLED_UP_TO = 4;
const AT_EXPIRY = 0.02;

/** Does a cluster's own data speak for this T? Too little of it agrees with any. */
function bears(cluster: Cluster, seconds: number): boolean {
  const { kills, survivors } = cluster.evidence;
  if (kills.length === 0) return false;
  if (cluster.estimate.timeout.status === 'estimated') return true;
  const exact = kills.some(
    (kill) => kill.atExpiry && Math.abs(kill.seconds - seconds) <= Math.max(1, AT_EXPIRY * seconds),
  );
  return (
    exact ||
    (longestOf(survivors.seconds) >= SURVIVED_FROM * seconds &&
      kills.some((kill) => kill.seconds <= KILLED_UP_TO * seconds))
  );
}

const overlap = (a: Prior, b: Prior): boolean =>
  a.lowSeconds <= b.highSeconds && b.lowSeconds <= a.highSeconds;

const byKills = (a: Page, b: Page): number =>
  b.kills.length - a.kills.length || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

const mostKillsFirst = (a: Cluster, b: Cluster): number => byKills(a.pages[0], b.pages[0]);

/**
 * Neighbours in T two by two, round after round, until none agree: so a thousand take ten rounds, and not a thousand steps
 * of which each looks at all. Then the few that are left, each with the first that it agrees with.
 */
function gathered(clusters: readonly Cluster[], prior: Prior): readonly Cluster[] {
  let left = clusters;
  for (;;) {
    const paired = inPairs([...left].sort(byTimeout), prior);
    if (paired.length === left.length) return withFirst([...left].sort(mostKillsFirst), prior);
    left = paired;
  }
}

const byTimeout = (a: Cluster, b: Cluster): number =>
  a.medianSeconds - b.medianSeconds || mostKillsFirst(a, b);

function inPairs(sorted: readonly Cluster[], prior: Prior): readonly Cluster[] {
  const paired: Cluster[] = [];
  for (let i = 0; i < sorted.length; i++) {
    const [one, next] = [sorted[i], sorted[i + 1]];
    const both = one === undefined || next === undefined ? null : joined(one, next, prior);
    if (both !== null) i += 1;
    paired.push(...[both ?? one].flatMap((found) => found ?? []));
  }
  return paired;
}

function withFirst(sorted: readonly Cluster[], prior: Prior): readonly Cluster[] {
  const kept: Cluster[] = [];
  for (const one of sorted) {
    const [at, both] = firstAgreeing(kept, one, prior);
    if (both === null) kept.push(one);
    else kept[at] = both;
  }
  return kept;
}

function firstAgreeing(
  kept: readonly Cluster[],
  one: Cluster,
  prior: Prior,
): readonly [number, Cluster | null] {
  for (const [at, cluster] of kept.entries()) {
    const both = joined(cluster, one, prior);
    if (both !== null) return [at, both];
  }
  return [kept.length, null];
}

/** The two speakers of one neighbourhood: clusters that know their T, where they know the same. */
const acrossSpeakers = (clusters: readonly Cluster[], prior: Prior): readonly Cluster[] => [
  ...gathered(clusters.filter(isKnown), prior),
  ...clusters.filter((one) => !isKnown(one)),
];

function byKey(
  clusters: readonly Cluster[],
  keyOf: (cluster: Cluster) => string,
): readonly (readonly Cluster[])[] {
  const found = new Map<string, Cluster[]>();
  for (const one of clusters) gather(found, keyOf(one), one);
  return [...found.values()];
}

const placeAndSpeaker = (cluster: Cluster): string =>
  `${placeOf(cluster)}|${cluster.pages[0].firstSpeaker}`;

const portOf = ({ pages: [{ responder }] }: Cluster): string => String(responder.port);

const hasKills = ({ evidence }: Cluster): boolean => evidence.kills.length > 0;

/** Pages that were looked at together: `known` have a T, `thin` are wholes that show none, `others` say nothing of one. */
interface Sorted {
  readonly known: readonly Cluster[];
  readonly thin: readonly Cluster[];
  readonly others: readonly Cluster[];
}

/** Pages of one service. */
function sortedOut(service: readonly Cluster[], prior: Prior): Sorted {
  const elsewhere = service.filter(isElse);
  const usable = service.filter((page) => !isElse(page));
  if (!usable.some(hasKills)) return { known: [], thin: [], others: service };
  const whole = pooled(usable, prior);
  const isStranger = (page: Cluster): boolean =>
    usable.length > 1 &&
    isKnown(page) &&
    isChosen(page, usable.length) &&
    !(isKnown(whole) && agrees(page, whole));
  const strangers = usable.filter(isStranger);
  const rest = usable.filter((page) => !strangers.includes(page));
  if (!rest.some(hasKills)) return { known: strangers, thin: [], others: [...rest, ...elsewhere] };
  const left = strangers.length === 0 ? whole : pooled(rest, prior);
  if (!isKnown(left)) return { known: strangers, thin: [left], others: elsewhere };
  const speaking = rest.filter((page) => bears(page, left.medianSeconds));
  if (speaking.length === 0) return { known: [left, ...strangers], thin: [], others: elsewhere };
  const path = new Cluster(pagesOf(speaking), left.evidence, prior);
  const silent = rest.filter((page) => !speaking.includes(page));
  return { known: [path, ...strangers], thin: [], others: [...silent, ...elsewhere] };
}

/** Significant also where it is one of many: nothing else is asked of a T that boxes announced. */
const isChosen = ({ steps, estimate: { timeout } }: Cluster, pages: number): boolean =>
  timeout.basis === 'exact' || isSignificantAmong(steps, pages);

const agrees = (page: Cluster, { interval: { lowSeconds, highSeconds } }: Cluster): boolean =>
  !speaksAgainst(page.steps, lowSeconds, highSeconds);

/** Pages of one network and speaker. */
function neighbours(pages: readonly Cluster[], prior: Prior): readonly Cluster[] {
  const services = byKey(pages, portOf).map((service) => sortedOut(service, prior));
  const known = services.flatMap((service) => service.known);
  const thin = services.flatMap((service) => service.thin);
  const others = services.flatMap((service) => service.others);
  // What no service shows alone all may show together.
  const all = thin.length > 1 ? pooled(thin, prior) : null;
  return all !== null && isKnown(all)
    ? [...gathered([...known, all], prior), ...others]
    : [...withThin(gathered(known, prior), thin, prior), ...others];
}

/** Each whole with the first that it speaks for; else its pages are on their own. */
function withThin(
  known: readonly Cluster[],
  wholes: readonly Cluster[],
  prior: Prior,
): readonly Cluster[] {
  const kept = [...known];
  const alone: Cluster[] = [];
  for (const whole of wholes) {
    const [at, both] = firstAgreeing(kept, whole, prior);
    if (both === null) alone.push(...apart(whole, prior));
    else kept[at] = both;
  }
  return [...kept, ...alone];
}

/** Of many pages some show a T by chance: the whole says that it is none. */
const apart = ({ pages }: Cluster, prior: Prior): readonly Cluster[] =>
  pages.map((page) => new Cluster([page], page.evidence, prior, pages.length > 1));

export function mergePages(pages: readonly Page[], prior: Prior): readonly Group[] {
  const clusters = pages.map((page) => new Cluster([page], page.evidence, prior));
  const merged = byKey(clusters, placeAndSpeaker).flatMap((some) => neighbours(some, prior));
  return byKey(merged, placeOf).flatMap((some) => acrossSpeakers(some, prior));
}
