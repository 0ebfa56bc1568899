/**
 * What became of one path.
 *
 * T changed only where the two intervals do not overlap. "Fixed" needs proof: silences longer than
 * the upper bound of the old T that survive now, more than chance explains. No kill alone proves nothing, since there may have
 * been no silence to kill. A kill is new where the path had none, or where the old T does not
 * explain it: shorter than its lower bound and than anything that was killed before.
 */
import type { MatchedBy, Pair } from './pair.ts';
import { type Rate, rateOf } from './rate.ts';
import type { Interval, KillSeen, SidePath } from './side.ts';

export const CHANGES = [
  'worse',
  'unchanged',
  'improved',
  'untested',
  'fixed',
  'kept-alive',
  'quiet',
  'appeared',
  'vanished',
] as const;
export type Change = (typeof CHANGES)[number];

export const SHIFTS = ['longer', 'shorter', 'same', 'unknown'] as const;
export type Shift = (typeof SHIFTS)[number];

export interface Beyond {
  /** The upper bound of the old T. */
  readonly seconds: number;
  /** Null where the report does not list silences. */
  readonly count: number | null;
  readonly longestSeconds: number | null;
  /** How likely so many survive if nothing was changed. */
  readonly chance: number;
}

export interface PathChange {
  readonly before: SidePath | null;
  readonly after: SidePath | null;
  readonly matchedBy: MatchedBy | null;
  readonly change: Change;
  readonly shift: Shift;
  readonly beyond: Beyond | null;
  readonly newKills: number;
  readonly newKillsListed: readonly KillSeen[];
  readonly rate: Rate;
}

/** How long both were watched. */
export interface Watched {
  readonly beforeSeconds: number | null;
  readonly afterSeconds: number | null;
  /** Ids of all kills of BEFORE: the same death in both files is not new. */
  readonly knownIds: ReadonlySet<string>;
}

const isKnown = ({ lowSeconds, highSeconds }: Interval): boolean =>
  lowSeconds !== null || highSeconds !== null;

function shiftOf(before: Interval, after: Interval): Shift {
  if (!isKnown(before) || !isKnown(after)) return 'unknown';
  const above = (a: Interval, b: Interval) =>
    a.lowSeconds !== null && b.highSeconds !== null && a.lowSeconds > b.highSeconds;
  if (above(after, before)) return 'longer';
  if (above(before, after)) return 'shorter';
  const open = [before, after].some((t) => t.lowSeconds === null || t.highSeconds === null);
  return open ? 'unknown' : 'same';
}

/** Chosen: survivors beyond the old T prove a change where they had less than this chance. */
const LEVEL = 0.05;

/** Null where the path's report lists no silences but has some that were longer. */
function survivorsBeyond(seconds: number, path: SidePath): number | null {
  if (path.silences === null) return (path.longestSurvivedSeconds ?? 0) > seconds ? null : 0;
  return path.silences
    .filter((silence) => silence.survived && silence.seconds > seconds)
    .reduce((sum, silence) => sum + silence.count, 0);
}

/**
 * Some silences outlive T by themselves (a Linux NAT picks connections up again): their share in
 * BEFORE, by Laplace's rule of succession, says how likely all of AFTER's are such.
 */
function beyondOf(before: SidePath, after: SidePath): Beyond | null {
  const seconds = before.timeout.highSeconds;
  if (before.killed === 0 || seconds === null) return null;
  const count = survivorsBeyond(seconds, after);
  const longest = after.longestSurvivedSeconds;
  const earlier = survivorsBeyond(seconds, before) ?? 1;
  const share = (earlier + 1) / (earlier + before.killed + 2);
  return {
    seconds,
    count,
    longestSeconds: longest !== null && longest > seconds ? longest : null,
    chance: share ** (count ?? 1),
  };
}

function newKillsOf(before: SidePath | null, after: SidePath, known: ReadonlySet<string>) {
  const unseen = after.kills.filter(({ id }) => !known.has(id));
  const seenAgain = after.kills.length - unseen.length;
  if (before === null || before.killed === 0) {
    return { newKills: Math.max(0, after.killed - seenAgain), newKillsListed: unseen };
  }
  const low = before.timeout.lowSeconds ?? 0;
  const limit = Math.min(low, before.shortestKilledSeconds ?? Number.POSITIVE_INFINITY);
  const newKillsListed = unseen.filter(({ seconds }) => seconds < limit);
  return { newKills: newKillsListed.length, newKillsListed };
}

/** Probes that come before the old T and are answered: the cure that prescriptions aim at. */
function isKeptAlive(before: SidePath, after: SidePath): boolean {
  const { probedEverySeconds, silencesSavedByProbes } = after;
  const limit = before.timeout.lowSeconds ?? before.timeout.highSeconds;
  if (probedEverySeconds === null || limit === null) return false;
  return silencesSavedByProbes > 0 && probedEverySeconds < limit;
}

function changeOf(before: SidePath, after: SidePath, facts: Omit<PathChange, 'change'>): Change {
  if (facts.newKills > 0 || facts.shift === 'shorter') return 'worse';
  if (facts.rate === 'more' && after.killed > before.killed) return 'worse';
  if (before.killed === 0) return 'quiet';
  if (after.killed > 0) {
    return facts.shift === 'longer' || facts.rate === 'fewer' ? 'improved' : 'unchanged';
  }
  if (facts.beyond !== null && facts.beyond.chance < LEVEL) return 'fixed';
  return isKeptAlive(before, after) ? 'kept-alive' : 'untested';
}

export function comparePair({ before, after, matchedBy }: Pair, watched: Watched): PathChange {
  const none = { shift: 'unknown', beyond: null, newKillsListed: [], newKills: 0 } as const;
  const rate = rateOf(
    { kills: before?.killed ?? 0, seconds: watched.beforeSeconds },
    { kills: after?.killed ?? 0, seconds: watched.afterSeconds },
  );
  if (after === null) return { before, after, matchedBy, rate, ...none, change: 'vanished' };
  const kills = newKillsOf(before, after, watched.knownIds);
  if (before === null) {
    const change = kills.newKills > 0 ? 'worse' : 'appeared';
    return { before, after, matchedBy, rate, ...none, ...kills, change };
  }
  const facts = {
    before,
    after,
    matchedBy,
    rate,
    shift: shiftOf(before.timeout, after.timeout),
    beyond: beyondOf(before, after),
    ...kills,
  };
  return { ...facts, change: changeOf(before, after, facts) };
}
