/**
 * Claim: when many connections lost their state at one instant, somebody restarted or forgot everything; no timeout.
 *
 * Why: a timeout takes each connection at its own age; a restart takes all at once, however short their silences were.
 * The kills of a burst therefore share an instant: every killed silence spans it, and nothing that was older is
 * answered after it. Each one looks byte for byte like a late reset.
 *
 * restart  the resets come from the endpoint, or from nobody knows where; and there are kills with silences below
 *          `shortest`, or silences below those that survived elsewhere, or no survivor at least half as long as the shortest
 *          kill (nothing shows that silence mattered). A mid-path locator rules a restart out.
 * flush    made mid-path (gateway reboot, conntrack flush, failover): then the killed silences must reach below those
 *          that had survived before — a timeout could not have taken them. It strikes the responders behind one box; others
 *          behind the same capture point go on, and are left out.
 * Silent drops are no restart's: a restarted machine answers. With a witness they were made mid-path, by a box that drops
 * and does not reset: they are crowds of their own (a stateful firewall that fails over).
 *
 *   5 × [ data · 2 to 40 s · data · RST ], all triggers after 10:00:07, no silence spans less than 10:00:07   → burst
 */
import type { SilenceRecord } from '../base/record.ts';
import { NS_PER_SECOND } from '../base/units.ts';
import { endedByReset, silenceNs } from './connection.ts';
import {
  ascending,
  type Crowd,
  crowdOf,
  crowds,
  type Kill,
  pathOf,
  placeOf,
  serviceOf,
} from './crowd.ts';
import type { Finding, JudgedBurst, Judgement, Scene } from './finding.ts';
import { type Observed, Overlap } from './overlap.ts';
import { asBurst } from './rejudge.ts';
import { Fatal } from './too-short.ts';

export interface Judged {
  readonly judgements: readonly Judgement[];
  readonly bursts: readonly JudgedBurst[];
}

type Reading = 'restart' | 'flush';

/** What crowds are measured against: everything else that was killed, and where boxes are known to stand. */
interface Ground {
  readonly scene: Scene;
  readonly fatal: Fatal;
  /** By place: each responder of which something was killed mid-path at any time. */
  readonly behindBoxes: ReadonlyMap<string, readonly SilenceRecord[]>;
}

/** The judgements, those of a burst with the verdict changed, and the bursts in the order of their instants. */
export function findBursts(judgements: readonly Judgement[], scene: Scene): Judged {
  const changed = new Map<Judgement, Judgement>();
  const bursts: JudgedBurst[] = [];
  const beginsNs = beginnings(judgements);
  const found = (kills: readonly Kill[], readings: readonly Reading[]): void => {
    const behind = behindBoxes(kills);
    const suspects = kills.filter((kill) => !olderAnsweredAfterKill(kill, scene));
    const overlapOf = (some: readonly Kill[]) =>
      new Overlap(some, observed(some, beginsNs, scene), suspects.length);
    for (const reading of readings) {
      // What was made at an endpoint says nothing of what is fatal to a box.
      const counts = reading === 'flush' ? isMidPath : () => true;
      const ground = { scene, fatal: new Fatal(kills, counts, scene), behindBoxes: behind };
      for (const group of groups(suspects, reading).values()) {
        const free = group.filter((kill) => !changed.has(kill.judgement));
        const sift = {
          overlapOf,
          struckOf: (crowd: Crowd, overlap: Overlap) => struckOf(crowd, overlap, reading, scene),
          isBurst: (crowd: Crowd) => isBurst(crowd, reading, ground),
        };
        for (const crowd of crowds(free, sift)) {
          const burst = burstOf(crowd, reading, scene);
          bursts.push(burst);
          for (const kill of crowd.kills) changed.set(kill.judgement, rejudged(kill, burst));
        }
      }
    }
  };
  found(killsAmong(judgements, isReset), ['restart', 'flush']);
  found(killsAmong(judgements, isDrop), ['flush']);
  bursts.sort((a, b) => ascending(a.atNs, b.atNs) || (a.reading < b.reading ? -1 : 1));
  if (changed.size === 0) return { judgements, bursts };
  return { judgements: judgements.map((judgement) => changed.get(judgement) ?? judgement), bursts };
}

type Kind = (finding: Finding, record: SilenceRecord) => boolean;

function killsAmong(judgements: readonly Judgement[], isOne: Kind): Kill[] {
  const kills: Kill[] = [];
  for (const judgement of judgements) {
    const kill = killOf(judgement, kills.length, isOne);
    if (kill !== null) kills.push(kill);
  }
  return kills;
}

/** By capture point: nothing was seen of any connection before. */
function beginnings(judgements: readonly Judgement[]): ReadonlyMap<number, bigint> {
  const found = new Map<number, bigint>();
  for (const { record } of judgements) {
    const { capturePoint, flowStartedAtNs } = record;
    const known = found.get(capturePoint);
    if (known === undefined || flowStartedAtNs < known) found.set(capturePoint, flowStartedAtNs);
  }
  return found;
}

/** Of kills of one place. */
function observed(
  kills: readonly Kill[],
  beginsNs: ReadonlyMap<number, bigint>,
  scene: Scene,
): Observed {
  const point = kills[0]?.record.capturePoint ?? 0;
  const fromNs = beginsNs.get(point) ?? 0n;
  const untilNs = scene.captureEndNs(point);
  return { fromNs, untilNs: untilNs > fromNs ? untilNs : fromNs };
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
const groups = (kills: readonly Kill[], reading: Reading): Map<string, Kill[]> =>
  reading === 'flush'
    ? gathered(kills.filter(isMidPath), ({ record }) => placeOf(record))
    : gathered(
        kills.filter(mayBeRestart),
        ({ record }) => `${placeOf(record)} ${record.responderAddress}`,
      );

function gathered(kills: readonly Kill[], keyOf: (kill: Kill) => string): Map<string, Kill[]> {
  const found = new Map<string, Kill[]>();
  for (const kill of kills) {
    const key = keyOf(kill);
    const known = found.get(key);
    if (known === undefined) found.set(key, [kill]);
    else known.push(kill);
  }
  return found;
}

/** A locator, a witness or the other side of the box says so: without any the verdict is only possible. */
const isMidPath = ({ finding }: Kill): boolean =>
  finding.emitter.is === 'middlebox' || finding.verdict === 'box-timeout';

/** The reset wears the responder's address, and no locator says that it was made on the way. */
const mayBeRestart = ({ finding, record }: Kill): boolean =>
  record.endingBy === 1 && finding.emitter.is !== 'middlebox';

const isReset: Kind = ({ signature, verdict }, record) =>
  signature !== 'blackhole' &&
  (verdict === 'box-timeout' || verdict === 'possible-box-timeout') &&
  endedByReset(record);

/** With a witness. */
const isDrop: Kind = ({ signature, verdict }) =>
  signature === 'blackhole' && verdict === 'box-timeout';

function killOf(judgement: Judgement, index: number, isOne: Kind): Kill | null {
  const { finding, record } = judgement;
  if (finding === null || !isOne(finding, record)) return null;
  return {
    judgement,
    finding,
    record,
    goneNs: record.endedAtNs,
    startedNs: record.startedAtNs,
    silenceNs: silenceNs(record),
    service: serviceOf(record),
    path: pathOf(record),
    index,
  };
}

/** Without the responders that went on as before; null where chance may have put the rest together. */
function struckOf(crowd: Crowd, overlap: Overlap, reading: Reading, scene: Scene): Crowd | null {
  const alive = new Set(
    crowd.responders.filter((record) => olderAnsweredAfter(record, crowd, scene)).map(serviceOf),
  );
  const struck = () => crowd.kills.filter(({ service }) => !alive.has(service));
  const left = alive.size === 0 ? crowd : crowdOf(struck(), crowd.atNs);
  if (left === null || (reading === 'restart' && noneAsLongSurvived(left, scene))) return left;
  return overlap.without(alive).isChance(left) ? null : left;
}

/**
 * No survivor is half as long as the shortest of them: nothing shows that silence mattered, and no accidents are at work
 * that take one connection and leave the others alone.
 */
const noneAsLongSurvived = (crowd: Crowd, scene: Scene): boolean =>
  longestSurvived(crowd, scene) * 2n < crowd.shortestNs;

function isBurst(crowd: Crowd, reading: Reading, ground: Ground): boolean {
  const noTimeout =
    ground.fatal.reachedBelow(crowd) ||
    sweptShortOnes(crowd, ground.scene) * FEW >= crowd.kills.length ||
    (reading === 'restart' && lengthSaysNothing(crowd, ground));
  return noTimeout && !(reading === 'flush' && mostWentOn(crowd, ground));
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
 * Of the responders behind boxes that kill, more went on, with a connection each at least, than connections were lost:
 * nobody forgot everything.
 */
function mostWentOn({ kills, ...times }: Crowd, { behindBoxes: behind, scene }: Ground): boolean {
  let wentOn = 0;
  for (const other of behind.get(placeOf((kills[0] as Kill).record)) ?? []) {
    if (!olderAnsweredAfter(other, times, scene)) continue;
    if (++wentOn > kills.length) return true;
  }
  return false;
}

function behindBoxes(kills: readonly Kill[]): Map<string, readonly SilenceRecord[]> {
  const found = new Map<string, readonly SilenceRecord[]>();
  for (const [place, some] of gathered(kills.filter(isMidPath), ({ record }) => placeOf(record))) {
    const records = new Map(some.map(({ service, record }) => [service, record]));
    found.set(place, [...records.values()]);
  }
  return found;
}

/**
 * Kills with silences below `shortest` leave no record: they are counted per responder and second. The busiest
 * connections notice first, all within `shortest` of the instant, which lies between the last silence's start and the first kill.
 */
const sweptShortOnes = ({ responders, lastSilentNs, firstGoneNs }: Crowd, scene: Scene): number =>
  responders
    .map((record) => scene.statelessResets(record, lastSilentNs, firstGoneNs + scene.shortestNs))
    .reduce((a, b) => a + b, 0);

/**
 * The instant lies between the last silence's start and the first kill: connections from before that start were older.
 * From the second after the first kill on: within one second nobody knows what came first.
 */
function olderAnsweredAfter(
  record: SilenceRecord,
  { firstGoneNs, lastSilentNs }: Pick<Crowd, 'firstGoneNs' | 'lastSilentNs'>,
  scene: Scene,
): boolean {
  const from = (firstGoneNs / NS_PER_SECOND + 1n) * NS_PER_SECOND;
  const end = scene.captureEndNs(record.capturePoint);
  const until = from + SOON_NS < end ? from + SOON_NS : end;
  return until >= from && scene.responderAnswered(record, from, until, lastSilentNs) === true;
}

/** Chosen: what goes on as before is heard within the hour, and an hour is looked up quickly. */
const SOON_NS = 3600n * NS_PER_SECOND;

/** Nothing that spans an instant was older: this kill cannot be part of a burst. Leaves few of a day's timeouts. */
const olderAnsweredAfterKill = ({ record, goneNs }: Kill, scene: Scene): boolean =>
  olderAnsweredAfter(record, { firstGoneNs: goneNs, lastSilentNs: record.startedAtNs }, scene);

const longestSurvived = ({ responders }: Crowd, scene: Scene): bigint =>
  responders.map((record) => scene.longestSurvivedNs(record)).reduce((a, b) => (a > b ? a : b), 0n);

function readingText({ responders }: Crowd, reading: Reading): string {
  if (reading === 'flush') {
    return 'a box on the way forgot all connections at once (restart, flush or failover)';
  }
  return `server ${responders[0]?.responderAddress ?? ''} restarted, or lost all its connections at once`;
}
