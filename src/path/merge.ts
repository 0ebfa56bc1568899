/**
 * Which pages share a box? Responders of one network and ports of one responder may; they are put together only where all
 * saw kills, their intervals overlap, and one T with one pair of error rates explains all of them no worse than a T for each
 * (BIC: three parameters saved). So a hundred servers with one kill each are one path with a hundred.
 *
 * Both first speakers are put together only where each has an estimate of its own and the two agree: on Linux the outside
 * speaking first may survive what the inside does not, and little data would hide that.
 */
import { posterior, type Prior } from './estimate/change-point.ts';
import { type Evidence, onPacketClock, together } from './estimate/evidence.ts';
import { type Ladder, ladder } from './estimate/ladder.ts';
import { logStepBest } from './estimate/significance.ts';
import { estimate } from './estimate/timeout.ts';
import { networkOf } from './network.ts';
import type { Page } from './page.ts';
import { gather } from './rows.ts';

/** Pages of one path, the one with the most kills first. */
export type Group = readonly [Page, ...Page[]];

interface Cluster {
  readonly pages: [Page, ...Page[]];
  evidence: Evidence;
  steps: Ladder;
  log: number;
}

/** T, and the two error rates. */
const PARAMETERS = 3;

/** T and how it is refused tell whether a page may share a box at all. */
function mayShare({ kills, evidence }: Page, prior: Prior): boolean {
  if (kills.length === 0) return false;
  const { status, reason } = estimate(evidence, prior).timeout;
  return status !== 'refused' || reason === 'too-few' || reason === 'one-moment';
}

const neighbourhood = ({ responder, firstSpeaker, tcpState }: Page): string => {
  const { capturePoint, tunnelKind, tunnelId, address, ipVersion } = responder;
  const network = networkOf(address, ipVersion);
  return [capturePoint, tunnelKind, tunnelId, network, tcpState, firstSpeaker].join('|');
};

function clusterOf(page: Page): Cluster {
  const steps = ladder(onPacketClock(page.evidence));
  return { pages: [page], evidence: page.evidence, steps, log: logStepBest(steps) };
}

const size = ({ killed, survived }: Ladder): number => killed + survived;

/** The two as one, or null where that explains them worse. */
function joined(one: Cluster, other: Cluster, prior: Prior): Omit<Cluster, 'pages'> | null {
  if (!overlap(intervalOf(one, prior), intervalOf(other, prior))) return null;
  const evidence = together([one.evidence, other.evidence]);
  const steps = ladder(onPacketClock(evidence));
  const log = logStepBest(steps);
  const lost = 2 * (one.log + other.log - log);
  return lost <= PARAMETERS * Math.log(size(steps)) ? { evidence, steps, log } : null;
}

/** Where T may lie: the posterior's where nothing is estimated. */
function intervalOf({ evidence, steps }: Cluster, prior: Prior): Prior {
  const { status, lowSeconds, highSeconds } = estimate(evidence, prior).timeout;
  if (status === 'refused') return posterior(steps, prior);
  return {
    lowSeconds: lowSeconds ?? prior.lowSeconds,
    highSeconds: highSeconds ?? prior.highSeconds,
  };
}

const overlap = (a: Prior, b: Prior): boolean =>
  a.lowSeconds <= b.highSeconds && b.lowSeconds <= a.highSeconds;

const byKills = (a: Page, b: Page): number =>
  b.kills.length - a.kills.length || (a.id < b.id ? -1 : 1);

/** The best known first; each goes to the first cluster that it agrees with. */
function gathered(clusters: readonly Cluster[], prior: Prior): readonly Cluster[] {
  const kept: Cluster[] = [];
  for (const one of clusters) {
    if (!kept.some((cluster) => takesIn(cluster, one, prior))) kept.push(one);
  }
  return kept;
}

function takesIn(cluster: Cluster, mine: Cluster, prior: Prior): boolean {
  const both = joined(cluster, mine, prior);
  if (both === null) return false;
  cluster.pages.push(...mine.pages);
  Object.assign(cluster, both);
  return true;
}

const isEstimated = ({ evidence }: Cluster, prior: Prior): boolean =>
  estimate(evidence, prior).timeout.status === 'estimated';

/** The two speakers of one neighbourhood: clusters that know their T, where they know the same. */
function acrossSpeakers(clusters: readonly Cluster[], prior: Prior): readonly Group[] {
  const [known, others] = [[] as Cluster[], [] as Cluster[]];
  for (const one of clusters) (isEstimated(one, prior) ? known : others).push(one);
  return [...gathered(known, prior), ...others].map(({ pages }) => inOrder(pages));
}

function inOrder(pages: Cluster['pages']): Group {
  const [first, ...rest] = [...pages].sort(byKills);
  return first === undefined ? pages : [first, ...rest];
}

export function mergePages(pages: readonly Page[], prior: Prior): readonly Group[] {
  const alone: Group[] = [];
  const neighbours = new Map<string, Cluster[]>();
  for (const page of [...pages].sort(byKills)) {
    if (mayShare(page, prior)) gather(neighbours, neighbourhood(page), clusterOf(page));
    else alone.push([page]);
  }
  const bySpeaker = new Map<string, Cluster[]>();
  for (const [key, clusters] of neighbours) {
    const place = key.slice(0, key.lastIndexOf('|'));
    for (const one of gathered(clusters, prior)) gather(bySpeaker, place, one);
  }
  return [...[...bySpeaker.values()].flatMap((some) => acrossSpeakers(some, prior)), ...alone];
}
