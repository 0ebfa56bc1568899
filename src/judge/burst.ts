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
import { orderOf } from '../base/order.ts';
import { NS_PER_SECOND } from '../base/units.ts';
import { endedByReset, silenceNs } from './connection.ts';
import {
  AT_LEAST,
  ascending,
  type Crowd,
  crowdOf,
  crowds,
  type Kill,
  placeOf,
  serviceOf,
} from './crowd.ts';
import type { SilenceRecord } from '../base/record.ts';
import type { Finding, JudgedBurst, Judgement, Scene } from './finding.ts';
import { asBurst } from './rejudge.ts';

export interface Judged {
  readonly judgements: readonly Judgement[];
  readonly bursts: readonly JudgedBurst[];
}

type Reading = 'restart' | 'flush';

/** Every kill, whoever made it, by who was to answer and where that was seen. */
interface All {
  readonly byService: ReadonlyMap<string, readonly Kill[]>;
  readonly bySilence: readonly Kill[];
  /** By kill: the number of the crowd that it was last marked for. */
  readonly marks: Int32Array;
  crowds: number;
}

/** The judgements, those of a burst with the verdict changed, and the bursts in the order of their instants. */
export function findBursts(judgements: readonly Judgement[], scene: Scene): Judged {
  const changed = new Map<Judgement, Judgement>();
  const bursts: JudgedBurst[] = [];
  const found = (kills: readonly Kill[], readings: readonly Reading[]): void => {
    const all: All = {
      byService: gathered(kills, ({ service }) => service),
      bySilence: bySilence(kills),
      marks: new Int32Array(kills.length),
      crowds: 0,
    };
    const suspects = kills.filter((kill) => !olderAnsweredAfterKill(kill, scene));
    for (const reading of readings) {
      for (const group of groups(suspects, reading).values()) {
        const free = group.filter((kill) => !changed.has(kill.judgement));
        for (const crowd of crowds(free, (some) => sifted(some, all, reading, scene))) {
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

/** A number decides nearly always; equal ones keep their order. */
function bySilence(kills: readonly Kill[]): readonly Kill[] {
  const order = orderOf(Float64Array.from(kills, (kill) => Number(kill.silenceNs)));
  return Array.from(order, (at) => kills[at] as Kill);
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
    ? gathered(kills, ({ record }) => placeOf(record))
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
    index,
  };
}

/** Without the responders that went on as before; null where the rest is no burst. */
function sifted(crowd: Crowd, all: All, reading: Reading, scene: Scene): Crowd | null {
  const alive = new Set(
    crowd.responders.filter((record) => olderAnsweredAfter(record, crowd, scene)).map(serviceOf),
  );
  const struck = () => crowd.kills.filter(({ service }) => !alive.has(service));
  const left = alive.size === 0 ? crowd : crowdOf(struck(), crowd.atNs);
  return left !== null && isBurst(left, all, reading, scene) ? left : null;
}

function isBurst(crowd: Crowd, all: All, reading: Reading, scene: Scene): boolean {
  const survived = longestSurvived(crowd, scene);
  if (reachBelow(crowd, leastFatal(crowd, all, survived))) return true;
  const swept = sweptShortOnes(crowd, scene);
  if (swept * FEW >= crowd.kills.length) return true;
  return reading === 'restart' && survived * 2n < crowd.shortestNs;
}

/** Chosen: a third of the kills, so that one odd survivor or reset does not make a hundred timeouts a burst. */
const FEW = 3;

/** Silences that a timeout could not have taken: a third of the crowd, or a crowd of their own. */
function reachBelow({ kills, shortestNs }: Crowd, limitNs: bigint): boolean {
  if (shortestNs >= limitNs) return false;
  let below = 0;
  for (let i = 0; i < kills.length && below < AT_LEAST; i++)
    if ((kills[i] as Kill).silenceNs < limitNs) below++;
  return below >= AT_LEAST || below * FEW >= kills.length;
}

/** Chosen: strays among the others are fewer than one in ten. */
const STRAYS = 0.1;

/**
 * What a silence had to last to be fatal at another time: nearly the shortest of the other kills of these responders, and
 * at most the longest survivor. Where there are no others, the longest survivor.
 */
function leastFatal(crowd: Crowd, all: All, survivedNs: bigint): bigint {
  const services = new Set(crowd.responders.map(serviceOf));
  let count = -crowd.kills.length;
  for (const service of services) count += all.byService.get(service)?.length ?? 0;
  if (count < AT_LEAST) return survivedNs;
  const mark = ++all.crowds;
  for (const { index } of crowd.kills) all.marks[index] = mark;
  let rank = Math.floor(count * STRAYS);
  for (const kill of all.bySilence) {
    const counts = all.marks[kill.index] !== mark && services.has(kill.service);
    if (!counts || rank-- > 0) continue;
    return survivedNs < kill.silenceNs ? survivedNs : kill.silenceNs;
  }
  return survivedNs;
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
