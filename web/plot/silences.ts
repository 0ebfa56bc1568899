/** The silences of a path as a plot takes them: a lane for each outcome, lengths with counts. */
import type { PathReport } from '../../src/report/schema.ts';
import { fateOf } from '../../src/prescribe/what-if.ts';

export interface Length {
  readonly seconds: number;
  readonly count: number;
}

export interface Lane {
  /** `survived`, `open`, `unobserved`, or the signature of a kill. */
  readonly outcome: string;
  readonly lengths: readonly Length[];
  readonly count: number;
}

const NO_KILLS = ['survived', 'open', 'unobserved'];
/** Kills of a box, which have no rank of their own, stand right under what survived: T is between the two. */
const RANKS: Readonly<Record<string, number>> = {
  survived: -1,
  'idle-close': 1,
  open: 2,
  unobserved: 3,
};

const rank = (outcome: string): number => RANKS[outcome] ?? 0;

/** Bins are told by their middle: on a log axis 1 % is half a pixel. */
function lengthsOf({ observations }: PathReport): readonly (Length & { outcome: string })[] {
  if (observations === null) return [];
  if (observations.points !== null) {
    return observations.points.map(([seconds, outcome]) => ({ seconds, outcome, count: 1 }));
  }
  return fromBins(observations.bins ?? []);
}

type Bins = NonNullable<NonNullable<PathReport['observations']>['bins']>;

const fromBins = (bins: Bins): readonly (Length & { outcome: string })[] =>
  bins.map(({ fromSeconds, untilSeconds, outcome, count }) => ({
    seconds: Math.sqrt(fromSeconds * untilSeconds),
    outcome,
    count,
  }));

/**
 * Survivors first, then kills by how many, then what an endpoint closed, then what was not decided. `closes`: lengths that a timer of an endpoint ended,
 * which are findings of the path and no observations of a box.
 */
export function lanesOf(path: PathReport, closes: readonly number[] = []): readonly Lane[] {
  const byOutcome = new Map<string, Length[]>();
  if (closes.length > 0) {
    byOutcome.set(
      'idle-close',
      closes.map((seconds) => ({ seconds, count: 1 })),
    );
  }
  const undecided = fromBins(path.observations?.undecided ?? []);
  for (const { outcome, ...length } of [...lengthsOf(path), ...undecided]) {
    const lane = byOutcome.get(outcome) ?? [];
    lane.push(length);
    byOutcome.set(outcome, lane);
  }
  if (!byOutcome.has('survived')) byOutcome.set('survived', []);
  return [...byOutcome]
    .map(([outcome, lengths]) => ({
      outcome,
      lengths: lengths.sort((a, b) => a.seconds - b.seconds),
      count: lengths.reduce((sum, { count }) => sum + count, 0),
    }))
    .sort((a, b) => rank(a.outcome) - rank(b.outcome) || b.count - a.count);
}

export const isDecided = (outcome: string): boolean =>
  outcome !== 'open' && outcome !== 'unobserved';

export const isKill = (outcome: string): boolean => !NO_KILLS.includes(outcome);

/** A timer of an application or a proxy counts payload: no keepalive helps there. */
const helpedByKeepalive = (outcome: string): boolean => isKill(outcome) && outcome !== 'idle-close';

export interface Fates {
  readonly saved: number;
  readonly lost: number;
  readonly uncertain: number;
  readonly kills: number;
}

/** What keepalive of this time would have done: the rule of `--what-if` (src/prescribe/what-if.ts). */
export function fatesAt(lanes: readonly Lane[], path: PathReport, every: number): Fates {
  const fates = { saved: 0, lost: 0, uncertain: 0, kills: 0 };
  if (path.timeout.reason === 'endpoint-timer') return fates;
  for (const { outcome, lengths } of lanes) {
    if (!helpedByKeepalive(outcome)) continue;
    for (const { seconds, count } of lengths) {
      fates[fateOf(every, seconds, path.timeout)] += count;
      fates.kills += count;
    }
  }
  return fates;
}

export function fatesWords({ saved, lost, uncertain, kills }: Fates): string {
  if (kills === 0) return 'nothing was killed by a box here';
  const rest = [
    ...(lost > 0 ? [`${lost} not`] : []),
    ...(uncertain > 0 ? [`${uncertain} nobody can say`] : []),
  ];
  return `would have saved ${saved} of ${kills}${rest.length > 0 ? ` (${rest.join(', ')})` : ''}`;
}
