/**
 * What the clock of a log showed when the capture's showed UTC: a time zone, and some seconds that
 * two clocks are apart.
 *
 * Where the lines or the operator name no zone, every offset that is in use is tried, and the one
 * under which most errors fall on a death is taken; UTC wins a tie. A skew of seconds is believed
 * only where it explains several errors that would else stay unexplained.
 */
import type { Candidates } from './candidates.ts';
import type { LogError } from './scan.ts';
import { withYear } from './written-time.ts';
import type { Zone } from './zone.ts';

export const CLOCK_BASES = ['written', 'given', 'estimated', 'assumed'] as const;

export interface LogClock {
  /** written: in every line · given: --log-timezone · estimated: it explains most · assumed: UTC. */
  readonly basis: (typeof CLOCK_BASES)[number];
  /** Of the lines without a zone of their own; null where a place's depends on the date. */
  readonly offsetMinutes: number | null;
  /** How far the log's clock is ahead of the capture's, over and above the zone. */
  readonly skewSeconds: number;
  /** Errors under trial that this clock explains, and those that the next best zone does. */
  readonly explained: number;
  readonly runnerUp: number;
  /** False: another zone does nearly as well, or there is little to go by. */
  readonly isSure: boolean;
  utcMs(error: LogError): number;
}

/** Chosen: scheduling and buffering between the kernel's answer and a line in a log. */
export const SLACK_MS = 2000;
/** Chosen: clocks without NTP drift this far in weeks; more would match by chance. */
const SKEW_AT_MOST_MS = 120_000;
/** Chosen: below a quarter of an hour, so that being late in one zone is not punctual in another. */
const LATE_IN_TRIAL_MS = 300_000;
/** Chosen: errors tried, spread over the log. */
const TRIED = 500;
const FEW = 3;

/** -12:00 to +14:00 by the half hour, and the three at a quarter (tz database: Nepal, Eucla, Chatham). */
const OFFSETS: readonly number[] = [
  ...Array.from({ length: 53 }, (_, i) => -720 + 30 * i),
  345,
  525,
  765,
].sort((a, b) => Math.abs(a) - Math.abs(b) || b - a);

interface Trial {
  readonly skewMs: number;
  readonly explained: number;
}

type Reading = (error: LogError) => number;

/** Every distance, at most SKEW_AT_MOST_MS, of an error from a death that was noticed at once. */
function distances(errors: readonly LogError[], candidates: Candidates, read: Reading) {
  return errors
    .flatMap((error, index) =>
      candidates
        .of(error, read(error), SKEW_AT_MOST_MS, () => 0)
        .filter(({ window }) => window.isPrompt)
        .map(({ awayMs }) => ({ index, awayMs })),
    )
    .sort((a, b) => a.awayMs - b.awayMs);
}

type Distances = ReturnType<typeof distances>;

/** Errors that are explained without any skew. */
const straightly = (errors: readonly LogError[], candidates: Candidates, read: Reading): number =>
  errors.filter(
    (error) =>
      candidates.of(error, read(error), SLACK_MS, ({ isPrompt, lateMs }) =>
        isPrompt ? 0 : Math.min(lateMs, LATE_IN_TRIAL_MS),
      ).length > 0,
  ).length;

/** The stretch of 2 × SLACK_MS that holds the most errors: two fingers over the sorted distances. */
function densest(all: Distances): Trial {
  const held = new Map<number, number>();
  let best: Trial = { skewMs: 0, explained: 0 };
  let first = 0;
  for (let last = 0; last < all.length; last++) {
    const added = all[last]?.index ?? 0;
    held.set(added, (held.get(added) ?? 0) + 1);
    while ((all[last]?.awayMs ?? 0) - (all[first]?.awayMs ?? 0) > 2 * SLACK_MS) {
      const gone = all[first++]?.index ?? 0;
      const left = (held.get(gone) ?? 1) - 1;
      if (left === 0) held.delete(gone);
      else held.set(gone, left);
    }
    if (held.size > best.explained) {
      const middle = ((all[first]?.awayMs ?? 0) + (all[last]?.awayMs ?? 0)) / 2;
      best = { skewMs: middle, explained: held.size };
    }
  }
  return best;
}

function trial(errors: readonly LogError[], candidates: Candidates, read: Reading): Trial {
  const explained = straightly(errors, candidates, read);
  const skewed = densest(distances(errors, candidates, read));
  return skewed.explained >= Math.max(FEW, 2 * explained + 1) ? skewed : { skewMs: 0, explained };
}

function spread(errors: readonly LogError[]): readonly LogError[] {
  const step = Math.max(1, Math.ceil(errors.length / TRIED));
  return errors.filter((_, index) => index % step === 0);
}

export interface Clue {
  readonly candidates: Candidates;
  /** The middle of the capture: what a year is chosen by. */
  readonly nearMs: number;
  readonly given: Zone | null;
}

/** `minutes` gives the zone of a line without one. */
const reading =
  (nearMs: number, minutes: (fieldsMs: number) => number): Reading =>
  ({ time }) => {
    const fieldsMs = withYear(time, nearMs);
    return fieldsMs - (time.zoneMinutes ?? minutes(fieldsMs)) * 60_000;
  };

function concluded(basis: LogClock['basis'], minutes: number | null, { skewMs, explained }: Trial) {
  return { basis, offsetMinutes: minutes, skewSeconds: Math.round(skewMs / 100) / 10, explained };
}

function estimated(errors: readonly LogError[], { candidates, nearMs }: Clue): LogClock {
  const tried = spread(errors);
  const trials = OFFSETS.map((minutes) => {
    const read = reading(nearMs, () => minutes);
    return { minutes, read, ...trial(tried, candidates, read) };
  }).sort((a, b) => b.explained - a.explained);
  const [best, next] = trials;
  if (best === undefined || best.explained === 0) {
    const utc = concluded('assumed', 0, { skewMs: 0, explained: 0 });
    return { ...utc, runnerUp: 0, isSure: false, utcMs: reading(nearMs, () => 0) };
  }
  const runnerUp = next?.explained ?? 0;
  return {
    ...concluded('estimated', best.minutes, best),
    runnerUp,
    isSure: best.explained >= FEW && best.explained >= 2 * runnerUp,
    utcMs: (error) => best.read(error) - best.skewMs,
  };
}

export function logClock(errors: readonly LogError[], clue: Clue): LogClock {
  const isWritten = errors.every(({ time }) => time.zoneMinutes !== null);
  if (!isWritten && clue.given === null) return estimated(errors, clue);
  const zone = clue.given;
  const read = reading(clue.nearMs, (fieldsMs) => zone?.minutesAt(fieldsMs) ?? 0);
  const found = trial(spread(errors), clue.candidates, read);
  const [first] = errors;
  const offset =
    zone === null || first === undefined ? 0 : zone.minutesAt(withYear(first.time, clue.nearMs));
  return {
    ...concluded(isWritten ? 'written' : 'given', isWritten ? null : offset, found),
    runnerUp: 0,
    isSure: true,
    utcMs: (error) => read(error) - found.skewMs,
  };
}
