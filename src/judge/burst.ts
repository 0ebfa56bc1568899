/**
 * Claim: when many connections lost their state at one instant, somebody restarted or forgot everything; no timeout.
 *
 * Why: a timeout takes each connection at its own age; a restart takes all at once, however short their silences were.
 * The kills of a burst therefore share an instant: every killed silence spans it, and nothing that was older is
 * answered after it. Each one looks byte for byte like a late reset.
 *
 * restart  the resets come from the endpoint, or from nobody knows where; and there are kills with silences below
 *          `shortest`, or silences too short for a timeout (too-short.ts), or no survivor at least half as long as the shortest
 *          kill (nothing shows that silence mattered), if that happened once only. A mid-path locator rules a restart out.
 * flush    made mid-path (gateway reboot, conntrack flush, failover): then the killed silences must be too short, or below
 *          `shortest` — a timeout could not have taken them. It strikes the responders behind one box; others behind the
 *          same capture point go on, and are left out; but not where more of them went on than connections were lost.
 * Neither  where chance overlaps as many (overlap.ts): accidents, timeouts, each for itself.
 * Silent drops are no restart's: a restarted machine answers. With a witness they were made mid-path, by a box that drops
 * and does not reset: they are crowds of their own (a stateful firewall that fails over).
 *
 *   5 × [ data · 2 to 40 s · data · RST ], all triggers after 10:00:07, no silence spans less than 10:00:07   → burst
 */
import {
  ascending,
  type Crowd,
  crowdOf,
  crowds,
  type Kill,
  serviceOf,
  type Sift,
} from './crowd.ts';
import type { JudgedBurst, Judgement, Scene } from './finding.ts';
import { groups, isDrop, isMidPath, isReset, killsAmong, type Reading } from './kills.ts';
import { type Observed, Overlap } from './overlap.ts';
import { asBurst } from './rejudge.ts';
import { Fatal } from './too-short.ts';
import {
  type BehindBoxes,
  behindBoxes,
  mostWentOn,
  olderAnsweredAfter,
  olderAnsweredAfterKill,
} from './went-on.ts';

export interface Judged {
  readonly judgements: readonly Judgement[];
  readonly bursts: readonly JudgedBurst[];
}

/** Kills of one kind, and those of them that nothing contradicts being lost together with others. */
interface Field {
  readonly kills: readonly Kill[];
  readonly suspects: readonly Kill[];
}

/** What crowds of one reading are measured against. */
interface Ground {
  readonly reading: Reading;
  readonly scene: Scene;
  readonly fatal: Fatal;
  readonly behind: BehindBoxes;
}

/** The judgements, those of a burst with the verdict changed, and the bursts in the order of their instants. */
export function findBursts(judgements: readonly Judgement[], scene: Scene): Judged {
  const changed = new Map<Judgement, Judgement>();
  const bursts: JudgedBurst[] = [];
  const resets = fieldOf(killsAmong(judgements, isReset), scene);
  const drops = fieldOf(killsAmong(judgements, isDrop), scene);
  const observed = observer(judgements, scene);
  const search = (field: Field, reading: Reading): void => {
    const ground = groundOf(field, reading, scene);
    const overlapOf = (some: readonly Kill[]) =>
      new Overlap(some, observed(some), field.suspects.length);
    for (const group of groups(field.suspects, reading).values()) {
      const free = group.filter((kill) => !changed.has(kill.judgement));
      for (const crowd of crowds(free, siftOn(ground, overlapOf))) {
        const burst = burstOf(crowd, reading, scene);
        bursts.push(burst);
        for (const kill of crowd.kills) changed.set(kill.judgement, rejudged(kill, burst));
      }
    }
  };
  search(resets, 'restart');
  search(resets, 'flush');
  search(drops, 'flush');
  bursts.sort((a, b) => ascending(a.atNs, b.atNs) || (a.reading < b.reading ? -1 : 1));
  if (changed.size === 0) return { judgements, bursts };
  return { judgements: judgements.map((judgement) => changed.get(judgement) ?? judgement), bursts };
}

const fieldOf = (kills: readonly Kill[], scene: Scene): Field => ({
  kills,
  suspects: kills.filter((kill) => !olderAnsweredAfterKill(kill, scene)),
});

const groundOf = ({ kills }: Field, reading: Reading, scene: Scene): Ground => ({
  reading,
  scene,
  // What was made at an endpoint says nothing of what is fatal to a box.
  fatal: new Fatal(kills, reading === 'flush' ? isMidPath : () => true, scene),
  behind: behindBoxes(kills),
});

const siftOn = (ground: Ground, overlapOf: Sift['overlapOf']): Sift => ({
  overlapOf,
  struckOf: (crowd, overlap) => struckOf(crowd, overlap, ground),
  isBurst: (crowd) => isBurst(crowd, ground),
});

/** From the first packet of any connection that the capture point of these kills saw to its last. */
function observer(
  judgements: readonly Judgement[],
  scene: Scene,
): (kills: readonly Kill[]) => Observed {
  let begins: ReadonlyMap<number, bigint> | null = null;
  return ([kill]) => {
    begins ??= beginnings(judgements);
    const point = kill?.record.capturePoint ?? 0;
    const fromNs = begins.get(point) ?? 0n;
    const untilNs = scene.captureEndNs(point);
    return { fromNs, untilNs: untilNs > fromNs ? untilNs : fromNs };
  };
}

function beginnings(judgements: readonly Judgement[]): ReadonlyMap<number, bigint> {
  const found = new Map<number, bigint>();
  for (const { record } of judgements) {
    const { capturePoint, flowStartedAtNs } = record;
    const known = found.get(capturePoint);
    if (known === undefined || flowStartedAtNs < known) found.set(capturePoint, flowStartedAtNs);
  }
  return found;
}

const burstOf = (crowd: Crowd, reading: Reading, scene: Scene): JudgedBurst => ({
  atNs: crowd.atNs,
  flows: crowd.kills.length + sweptShortOnes(crowd, scene),
  reading: readingText(crowd, reading),
  findingIds: crowd.kills.map((kill) => kill.finding.id),
});

const rejudged = ({ finding }: Kill, { reading, findingIds }: JudgedBurst): Judgement =>
  asBurst(finding, reading, findingIds.length);

/** Without the responders that went on as before; null where chance may have put the rest together. */
function struckOf(crowd: Crowd, overlap: Overlap, { reading, scene }: Ground): Crowd | null {
  const alive = new Set(
    crowd.responders.filter((record) => olderAnsweredAfter(record, crowd, scene)).map(serviceOf),
  );
  const struck = () => crowd.kills.filter(({ service }) => !alive.has(service));
  const left = alive.size === 0 ? crowd : crowdOf(struck(), crowd.atNs);
  if (left === null || (reading === 'restart' && noneAsLongSurvived(left, scene))) return left;
  return overlap.isChance(left, alive) ? null : left;
}

/**
 * No survivor is half as long as the shortest of them: nothing shows that silence mattered, and no accidents are at work
 * that take one connection and leave the others alone.
 */
const noneAsLongSurvived = (crowd: Crowd, scene: Scene): boolean =>
  longestSurvived(crowd, scene) * 2n < crowd.shortestNs;

function isBurst(crowd: Crowd, ground: Ground): boolean {
  const { reading, scene, fatal, behind } = ground;
  const noTimeout =
    fatal.reachedBelow(crowd) ||
    sweptShortOnes(crowd, scene) * FEW >= crowd.kills.length ||
    (reading === 'restart' && lengthSaysNothing(crowd, ground));
  return noTimeout && !(reading === 'flush' && mostWentOn(crowd, behind, scene));
}

/** Chosen: a third of the kills, so that one odd reset or kill does not decide about a hundred. */
const FEW = 3;

/**
 * None as long survived, and no other kills, at other moments, were longer than all survivors as well: a pool that idles every
 * night behind a box looks like a server that restarts every night, and is told as neither.
 */
const lengthSaysNothing = (crowd: Crowd, { fatal, scene }: Ground): boolean =>
  noneAsLongSurvived(crowd, scene) &&
  fatal.otherKillsBeyond(crowd, longestSurvived(crowd, scene)) * FEW < crowd.kills.length;

/**
 * Kills with silences below `shortest` leave no record: they are counted per responder and second. The busiest
 * connections notice first, all within `shortest` of the instant, which lies between the last silence's start and the first kill.
 */
const sweptShortOnes = ({ responders, lastSilentNs, firstGoneNs }: Crowd, scene: Scene): number =>
  responders
    .map((record) => scene.statelessResets(record, lastSilentNs, firstGoneNs + scene.shortestNs))
    .reduce((a, b) => a + b, 0);

const longestSurvived = ({ responders }: Crowd, scene: Scene): bigint =>
  responders.map((record) => scene.longestSurvivedNs(record)).reduce((a, b) => (a > b ? a : b), 0n);

function readingText({ responders }: Crowd, reading: Reading): string {
  if (reading === 'flush') {
    return 'a box on the way forgot all connections at once (restart, flush or failover)';
  }
  return `server ${responders[0]?.responderAddress ?? ''} restarted, or lost all its connections at once`;
}
