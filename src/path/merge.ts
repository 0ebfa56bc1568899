/**
 * Which pages share a box? Responders of one network and ports of one responder may; they are put together only where all
 * saw kills, their intervals overlap, and one T with one pair of error rates explains all of them no worse than a T for each
 * (BIC: three parameters saved), and the data of each speaks for that T: a lone kill after ten minutes contradicts no
 * shorter timeout, and says nothing of one. So a hundred servers with one kill and a few survivors each are one path.
 *
 * Both first speakers are put together only where each has an estimate of its own and the two agree: on Linux the outside
 * speaking first may survive what the inside does not, and little data would hide that.
 */
import { type Posterior, posterior, type Prior } from './estimate/change-point.ts';
import { type Evidence, packetLadder, together } from './estimate/evidence.ts';
import type { Ladder } from './estimate/ladder.ts';
import { logStepBest } from './estimate/significance.ts';
import { type Estimate, estimate } from './estimate/timeout.ts';
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
  #estimate: Estimate | undefined;
  #log: number | undefined;
  #found: Posterior | undefined;

  constructor(pages: Group['pages'], evidence: Evidence, prior: Prior) {
    this.pages = pages;
    this.evidence = evidence;
    this.#prior = prior;
  }

  get estimate(): Estimate {
    return (this.#estimate ??= estimate(this.evidence, this.#prior));
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

/** T and how it is refused tell whether it may share a box at all. */
function mayShare(cluster: Cluster): boolean {
  if (cluster.evidence.kills.length === 0) return false;
  const { status, reason } = cluster.estimate.timeout;
  return status !== 'refused' || reason === 'too-few' || reason === 'one-moment';
}

const placeOf = ({ pages: [{ responder, tcpState }] }: Cluster): string => {
  const { capturePoint, tunnelKind, tunnelId, address, ipVersion } = responder;
  const network = networkOf(address, ipVersion);
  return [capturePoint, tunnelKind, tunnelId, network, tcpState].join('|');
};

/** The two as one, or null where that explains them worse. */
function joined(one: Cluster, other: Cluster, prior: Prior): Cluster | null {
  if (!overlap(one.interval, other.interval)) return null;
  const [first, ...rest] = [...one.pages, ...other.pages].sort(byKills);
  if (first === undefined) return null;
  const evidence = together([one.evidence, other.evidence]);
  const both = new Cluster([first, ...rest], evidence, prior);
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
function bears({ evidence, estimate: { timeout } }: Cluster, seconds: number): boolean {
  if (timeout.status === 'estimated') return true;
  const { kills, survivors } = evidence;
  const exact = kills.some(
    (kill) => kill.atExpiry && Math.abs(kill.seconds - seconds) <= Math.max(1, AT_EXPIRY * seconds),
  );
  return (
    exact ||
    (survivors.some((one) => one.seconds >= SURVIVED_FROM * seconds) &&
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
function acrossSpeakers(clusters: readonly Cluster[], prior: Prior): readonly Cluster[] {
  const [known, others] = [[] as Cluster[], [] as Cluster[]];
  for (const one of clusters) {
    (one.estimate.timeout.status === 'estimated' ? known : others).push(one);
  }
  return [...gathered(known, prior), ...others];
}

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

export function mergePages(pages: readonly Page[], prior: Prior): readonly Group[] {
  const clusters = pages.map((page) => new Cluster([page], page.evidence, prior));
  const alone = clusters.filter((one) => !mayShare(one));
  const neighbours = byKey(clusters.filter(mayShare), placeAndSpeaker);
  const merged = neighbours.flatMap((some) => gathered(some, prior));
  return [...byKey(merged, placeOf).flatMap((some) => acrossSpeakers(some, prior)), ...alone];
}
