/**
 * Claim: when many connections lost their state at one instant, somebody restarted or forgot everything; no timeout.
 *
 * Why: a timeout takes each connection at its own age; a restart takes all at once, however short their silences were.
 * The kills of a burst therefore share an instant: every killed silence spans it, and nothing that was older is
 * answered after it. Each one looks byte for byte like a late reset.
 *
 * restart  the resets come from the endpoint, or from nobody knows where; and there are kills with silences below
 *          `shortest`, or no survivor at least half as long as the shortest kill (nothing shows that silence mattered).
 *          A mid-path locator rules a restart out.
 * flush    made mid-path (gateway reboot, conntrack flush, failover): then the killed silences must reach below those
 *          that had survived before — a timeout could not have taken them.
 * Silent drops are not counted: a restarted machine answers.
 *
 *   5 × [ data · 2 to 40 s · data · RST ], all triggers after 10:00:07, no silence spans less than 10:00:07   → burst
 */
import { NS_PER_SECOND } from '../base/units.ts';
import { silenceNs } from './connection.ts';
import { ascending, type Crowd, crowds, type Kill } from './crowd.ts';
import type { JudgedBurst, Judgement, Scene } from './finding.ts';
import { asBurst } from './rejudge.ts';

export interface Judged {
  readonly judgements: readonly Judgement[];
  readonly bursts: readonly JudgedBurst[];
}

type Reading = 'restart' | 'flush';

/** The judgements, those of a burst with the verdict changed, and the bursts in the order of their instants. */
export function findBursts(judgements: readonly Judgement[], scene: Scene): Judged {
  const changed = new Map<Judgement, Judgement>();
  const bursts: JudgedBurst[] = [];
  for (const reading of ['restart', 'flush'] as const) {
    for (const kills of groups(judgements, reading).values()) {
      const free = kills.filter((kill) => !changed.has(kill.judgement));
      for (const crowd of crowds(free, (some) => isBurst(some, reading, scene))) {
        const burst = burstOf(crowd, reading, scene);
        bursts.push(burst);
        for (const kill of crowd.kills) changed.set(kill.judgement, rejudged(kill, burst));
      }
    }
  }
  bursts.sort((a, b) => ascending(a.atNs, b.atNs) || (a.reading < b.reading ? -1 : 1));
  return { judgements: judgements.map((judgement) => changed.get(judgement) ?? judgement), bursts };
}

const burstOf = (crowd: Crowd, reading: Reading, scene: Scene): JudgedBurst => ({
  atNs: crowd.atNs,
  flows: crowd.kills.length + sweptShortOnes(crowd, scene),
  reading: readingText(crowd, reading),
  findingIds: crowd.kills.map((kill) => kill.finding.id),
});

const rejudged = ({ finding }: Kill, { reading, findingIds }: JudgedBurst): Judgement =>
  asBurst(finding, reading, findingIds.length);

/** A restart is one responder's; a flush takes every responder behind one capture point. */
function groups(judgements: readonly Judgement[], reading: Reading): Map<string, Kill[]> {
  const found = new Map<string, Kill[]>();
  for (const judgement of judgements) {
    const kill = killOf(judgement);
    if (kill === null || (reading === 'restart' && !mayBeRestart(kill))) continue;
    const { capturePoint, tunnelKind, tunnelId, responderAddress } = kill.record;
    const key = [
      capturePoint,
      tunnelKind,
      tunnelId,
      reading === 'restart' ? responderAddress : '',
    ].join(' ');
    const group = found.get(key);
    if (group === undefined) found.set(key, [kill]);
    else group.push(kill);
  }
  return found;
}

/** The reset wears the responder's address, and no locator says that it was made on the way. */
const mayBeRestart = ({ finding, record }: Kill): boolean =>
  record.endingBy === 1 && finding.emitter.is !== 'middlebox';

function killOf(judgement: Judgement): Kill | null {
  const { finding, record } = judgement;
  if (finding === null || finding.ending.kind !== 'rst' || finding.signature === 'blackhole')
    return null;
  if (finding.verdict !== 'box-timeout' && finding.verdict !== 'possible-box-timeout') return null;
  return { judgement, finding, record, goneNs: record.endedAtNs };
}

function isBurst(crowd: Crowd, reading: Reading, scene: Scene): boolean {
  if (olderAnsweredAfter(crowd, scene)) return false;
  const swept = sweptShortOnes(crowd, scene);
  const survived = longestSurvived(crowd, scene);
  if (reading === 'restart') return swept > 0 || survived * 2n < crowd.shortestNs;
  return swept * FEW >= crowd.kills.length || reachBelow(crowd, survived);
}

/** Chosen: a third of the kills, so that one odd survivor or reset does not make a hundred timeouts a flush. */
const FEW = 3;

const reachBelow = ({ kills }: Crowd, survivedNs: bigint): boolean =>
  kills.filter((kill) => silenceNs(kill.record) < survivedNs).length * FEW >= kills.length;

/**
 * Kills with silences below `shortest` leave no record: they are counted per responder and second. The busiest
 * connections notice first, so the count begins where the last of the silent ones fell silent.
 */
const sweptShortOnes = ({ responders, lastSilentNs, lastGoneNs }: Crowd, scene: Scene): number =>
  responders
    .map((record) => scene.statelessResets(record, lastSilentNs, lastGoneNs))
    .reduce((a, b) => a + b, 0);

/** From the second after the first kill: within one second nobody knows what came first. */
function olderAnsweredAfter({ responders, firstGoneNs, atNs }: Crowd, scene: Scene): boolean {
  const from = (firstGoneNs / NS_PER_SECOND + 1n) * NS_PER_SECOND;
  return responders.some((record) => {
    const until = scene.captureEndNs(record.capturePoint);
    return until >= from && scene.responderAnswered(record, from, until, atNs) === true;
  });
}

const longestSurvived = ({ responders }: Crowd, scene: Scene): bigint =>
  responders.map((record) => scene.longestSurvivedNs(record)).reduce((a, b) => (a > b ? a : b), 0n);

function readingText({ responders }: Crowd, reading: Reading): string {
  if (reading === 'flush') {
    return 'a box on the way forgot all connections at once (restart, flush or failover)';
  }
  return `server ${responders[0]?.responderAddress ?? ''} restarted, or lost all its connections at once`;
}
