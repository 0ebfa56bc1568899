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
import type { SilenceRecord } from '../base/record.ts';
import { NS_PER_SECOND } from '../base/units.ts';
import { silenceNs } from './connection.ts';
import type { Finding, JudgedBurst, Judgement, Scene } from './finding.ts';
import { asBurst } from './rejudge.ts';

const AT_LEAST = 5;
/** Chosen: instants looked at per group, the most crowded first; a capture has few restarts. */
const INSTANTS = 32;

export interface Judged {
  readonly judgements: readonly Judgement[];
  readonly bursts: readonly JudgedBurst[];
}

type Reading = 'restart' | 'flush';

interface Kill {
  readonly judgement: Judgement;
  readonly finding: Finding;
  readonly record: SilenceRecord;
  /** Trigger, or the reset itself: from here on the state is known to be gone. */
  readonly goneNs: bigint;
}

/** The judgements, those of a burst with the verdict changed, and the bursts in the order of their instants. */
export function findBursts(judgements: readonly Judgement[], scene: Scene): Judged {
  const changed = new Map<Judgement, Judgement>();
  const bursts: JudgedBurst[] = [];
  for (const reading of ['restart', 'flush'] as const) {
    for (const kills of groups(judgements, reading).values()) {
      const free = kills.filter((kill) => !changed.has(kill.judgement));
      for (const instant of instants(free, reading, scene)) {
        const burst = burstOf(instant, reading, scene);
        bursts.push(burst);
        for (const kill of instant.kills) changed.set(kill.judgement, rejudged(kill, burst));
      }
    }
  }
  bursts.sort((a, b) => ascending(a.atNs, b.atNs) || (a.reading < b.reading ? -1 : 1));
  return { judgements: judgements.map((judgement) => changed.get(judgement) ?? judgement), bursts };
}

const burstOf = ({ atNs, kills }: Instant, reading: Reading, scene: Scene): JudgedBurst => ({
  atNs,
  flows: kills.length + sweptShortOnes(kills, scene),
  reading: readingText(kills, reading),
  findingIds: kills.map((kill) => kill.finding.id),
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

interface Instant {
  readonly atNs: bigint;
  readonly kills: readonly Kill[];
}

/** Instants that pass, the most crowded first, no kill in two of them. */
function instants(kills: readonly Kill[], reading: Reading, scene: Scene): readonly Instant[] {
  const passed: Instant[] = [];
  const taken = new Set<Kill>();
  for (const atNs of crowdedInstants(kills)) {
    const spanning = kills.filter((kill) => !taken.has(kill) && spans(kill, atNs));
    if (spanning.length < AT_LEAST || !isBurst(spanning, atNs, reading, scene)) continue;
    for (const kill of spanning) taken.add(kill);
    passed.push({ atNs, kills: spanning });
  }
  return passed;
}

const spans = (kill: Kill, atNs: bigint): boolean =>
  kill.record.startedAtNs <= atNs && atNs <= kill.goneNs;

/**
 * Moments with the most silences around them: each lies at the end of some silence. A sweep over starts and ends
 * counts them all in one pass.
 */
function crowdedInstants(kills: readonly Kill[]): readonly bigint[] {
  const starts = kills.map((kill) => kill.record.startedAtNs).sort(ascending);
  const ends = kills.map((kill) => kill.goneNs).sort(ascending);
  const crowds: { atNs: bigint; size: number }[] = [];
  let begun = 0;
  ends.forEach((atNs, ended) => {
    const before = begun;
    while (begun < starts.length && (starts[begun] ?? 0n) <= atNs) begun++;
    if (begun > before && begun - ended >= AT_LEAST) crowds.push({ atNs, size: begun - ended });
  });
  crowds.sort((a, b) => b.size - a.size || ascending(a.atNs, b.atNs));
  return crowds.slice(0, INSTANTS).map((crowd) => crowd.atNs);
}

const ascending = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

function isBurst(kills: readonly Kill[], atNs: bigint, reading: Reading, scene: Scene): boolean {
  if (olderAnsweredAfter(kills, atNs, scene)) return false;
  const swept = sweptShortOnes(kills, scene);
  const shortest = kills.map((kill) => silenceNs(kill.record)).reduce((a, b) => (a < b ? a : b));
  const survived = longestSurvived(kills, scene);
  if (reading === 'restart') return swept > 0 || survived * 2n < shortest;
  return swept * FEW >= kills.length || reachBelow(kills, survived);
}

/** Chosen: a third of the kills, so that one odd survivor or reset does not make a hundred timeouts a flush. */
const FEW = 3;

const reachBelow = (kills: readonly Kill[], survivedNs: bigint): boolean =>
  kills.filter((kill) => silenceNs(kill.record) < survivedNs).length * FEW >= kills.length;

/**
 * Kills with silences below `shortest` leave no record: they are counted per responder and second. The busiest
 * connections notice first, so the count begins where the last of the silent ones fell silent.
 */
const sweptShortOnes = (kills: readonly Kill[], scene: Scene): number =>
  responders(kills)
    .map((record) => scene.statelessResets(record, lastSilent(kills), lastGone(kills)))
    .reduce((a, b) => a + b, 0);

/** From the second after the first kill: within one second nobody knows what came first. */
function olderAnsweredAfter(kills: readonly Kill[], atNs: bigint, scene: Scene): boolean {
  const from = (firstGone(kills) / NS_PER_SECOND + 1n) * NS_PER_SECOND;
  return responders(kills).some((record) => {
    const until = scene.captureEndNs(record.capturePoint);
    return until >= from && scene.responderAnswered(record, from, until, atNs) === true;
  });
}

const longestSurvived = (kills: readonly Kill[], scene: Scene): bigint =>
  responders(kills)
    .map((record) => scene.longestSurvivedNs(record))
    .reduce((a, b) => (a > b ? a : b), 0n);

/** One record for each responder among the kills: what the scene is asked about. */
function responders(kills: readonly Kill[]): readonly SilenceRecord[] {
  const found = new Map<string, SilenceRecord>();
  for (const { record } of kills) {
    const key = `${record.capturePoint} ${record.responderAddress} ${record.responderPort}`;
    if (!found.has(key)) found.set(key, record);
  }
  return [...found.values()];
}

const lastSilent = (kills: readonly Kill[]): bigint =>
  kills.map((kill) => kill.record.startedAtNs).reduce((a, b) => (a > b ? a : b));

const firstGone = (kills: readonly Kill[]): bigint =>
  kills.map((kill) => kill.goneNs).reduce((a, b) => (a < b ? a : b));

const lastGone = (kills: readonly Kill[]): bigint =>
  kills.map((kill) => kill.record.endingAtNs).reduce((a, b) => (a > b ? a : b));

function readingText(kills: readonly Kill[], reading: Reading): string {
  if (reading === 'flush')
    return 'a box on the way forgot all connections at once (restart, flush or failover)';
  return `server ${kills[0]?.record.responderAddress ?? ''} restarted, or lost all its connections at once`;
}
