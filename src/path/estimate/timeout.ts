/**
 * How long the box on a path waits: estimated, bounded, or refused with the reason.
 *
 * Exact records first; else one change-point between survivors and kills, if the threshold is significant; else a bound, if
 * the kills are known to be a box's; else a refusal. A path whose timer belongs to an endpoint gets no T of a box at all.
 */
import type { Timeout, TimeoutReason } from '../facts.ts';
import { type Posterior, posterior, type Prior } from './change-point.ts';
import {
  type Evidence,
  fewestInstants,
  type KillSeen,
  lengthsOf,
  onPacketClock,
  onPacketClockAtLeast,
  onPayloadClock,
  packetLadder,
} from './evidence.ts';
import { type Exact, exactTimeout, halfSampleMode, separateMoments } from './exact.ts';
import { cut, type Ladder, ladder } from './ladder.ts';
import { type Lengths, longestOf, shortestOf, sumOf } from './lengths.ts';
import { ramp } from './ramp.ts';
import { secondStep, type Threshold, threshold } from './significance.ts';

export interface Estimate {
  readonly timeout: Timeout;
  readonly significant: boolean;
  readonly stepsSeconds: readonly number[];
  readonly endpointTimerSeconds: number | null;
}

/** Chosen: kills that nobody located need to be this many, at as many separate moments. */
const SEVERAL = 3;

/** Chosen: of a dozen connections that one restart takes, not all have been silent for longer than what survived. */
const MANY = 12;

const NOTHING = { estimateSeconds: null, lowSeconds: null, highSeconds: null, basis: null };

const refused = (reason: TimeoutReason): Timeout => ({ ...NOTHING, status: 'refused', reason });

const bounded = (low: number | null, high: number | null, reason: TimeoutReason): Timeout => ({
  status: 'bounded',
  estimateSeconds: null,
  lowSeconds: low,
  highSeconds: high,
  basis: 'bound',
  reason,
});

export function estimate(evidence: Evidence, prior: Prior): Estimate {
  const timers = [...evidence.endpointTimers].sort((a, b) => a - b);
  const endpointTimerSeconds = timers.length === 0 ? null : halfSampleMode(timers);
  const known = { significant: false, stepsSeconds: [], endpointTimerSeconds };
  const { kills, survivors } = evidence;
  if (kills.length === 0 && timers.length > 0) {
    return { ...known, timeout: refused('endpoint-timer') };
  }
  const atExpiry = kills.filter((kill) => kill.atExpiry);
  const exact = exactTimeout(atExpiry.filter(({ proven }) => proven));
  if (exact !== null) {
    return { ...known, significant: true, timeout: announced(exact, survivors) };
  }
  const onPayload = exactTimeout(
    atExpiry.flatMap(({ payloadSeconds: seconds, goneAtNs }) =>
      seconds === null ? [] : { seconds, goneAtNs },
    ),
  );
  if (onPayload !== null) return ofEndpoint(onPayload.modeSeconds);
  if (kills.length === 0 || survivors.seconds.length === 0) {
    return { ...known, timeout: oneSided(evidence, prior) };
  }
  return { ...known, ...betweenBoth(evidence, prior) };
}

/** The same where the silences of others say that this T is none. */
export const withoutTimeout = (found: Estimate): Estimate =>
  found.timeout.basis === 'change-point'
    ? { ...found, significant: false, stepsSeconds: [], timeout: refused('no-dependence') }
    : found;

const ofEndpoint = (endpointTimerSeconds: number): Estimate => ({
  timeout: refused('endpoint-timer'),
  significant: false,
  stepsSeconds: [],
  endpointTimerSeconds,
});

/** The interval holds the spread of the announcements, cut where a silence had survived that was shorter than all. */
function announced(exact: Exact, survivors: Lengths): Timeout {
  const longest = longestOf(survivors.seconds);
  const floor = longest < exact.modeSeconds ? longest : 0;
  return {
    status: 'estimated',
    estimateSeconds: exact.modeSeconds,
    lowSeconds: Math.max(exact.lowSeconds, Math.min(floor, exact.modeSeconds)),
    highSeconds: exact.highSeconds,
    basis: 'exact',
    reason: null,
  };
}

/** Kills alone bound T from above, survivors alone from below; a stray among many does not move the bound. */
function oneSided(evidence: Evidence, prior: Prior): Timeout {
  const { kills, survivors } = evidence;
  if (kills.length === 0 && survivors.seconds.length === 0) return refused('too-few');
  const { lowSeconds, highSeconds } = posterior(packetLadder(evidence), prior);
  if (kills.length === 0) return bounded(lowSeconds, null, 'nothing-killed');
  const proven = kills.filter((kill) => kill.proven);
  if (proven.length === 0 && kills.length < SEVERAL) return refused('too-few');
  // A box that is proven to have cut after so long waits no longer; of few kills the prior knows less than that.
  const longest = proven.length === 0 ? Number.POSITIVE_INFINITY : longestOf(lengthsOf(proven));
  return bounded(null, Math.min(highSeconds, longest), 'nothing-survived');
}

type Found = Partial<Estimate> & Pick<Estimate, 'timeout'>;

function betweenBoth(evidence: Evidence, prior: Prior): Found {
  const steps = packetLadder(evidence);
  const found = threshold(steps);
  if (found?.significant) {
    return isNoRestart(evidence, steps.at[found.split] ?? 0)
      ? stepped(evidence, steps, found, prior)
      : { timeout: refused('one-moment') };
  }
  const payload = ladder(onPayloadClock(evidence));
  const idle = threshold(payload);
  if (idle?.significant && severalInstants(evidence)) {
    return ofEndpoint(posterior(payload, prior).medianSeconds);
  }
  return { timeout: undecided(evidence) };
}

/**
 * A restart takes connections at one moment, the longest silent the likeliest: it can pass for a threshold. After it nothing
 * older is answered: kills of which that is true a restart explains, a nightly one all of them. The others, which nobody
 * located, must take three restarts to explain. Or there is no doubt: three beyond the threshold were a box's, each for
 * itself (one of them says nothing of the others); something older was answered after one of them, or
 * they are so many that some would have been silent for less; not one survivor is as long as a kill, and one at least half
 * as long as the shortest of them.
 */
function isNoRestart(evidence: Evidence, beyondSeconds: number): boolean {
  const { kills, survivors } = evidence;
  const beyond = kills.filter(({ seconds }) => seconds >= beyondSeconds);
  if (provenOnes(beyond) >= SEVERAL || severalInstants(evidence)) return true;
  // A box that resets all it has needs no restart to be suspected.
  if (beyond.every(({ atExpiry }) => atExpiry)) return false;
  const others = kills.filter(({ proven }) => !proven);
  if (others.length < MANY && !others.some(({ outlived }) => outlived === true)) return false;
  const [survived, killed] = [longestOf(survivors.seconds), shortestOf(lengthsOf(others))];
  return survived < killed && survived * 2 >= killed;
}

/** What announces itself at one moment is one. */
function provenOnes(kills: readonly KillSeen[]): number {
  const proven = kills.filter((kill) => kill.proven);
  const unasked = proven.filter(({ atExpiry }) => atExpiry);
  return proven.length - unasked.length + separateMoments(unasked);
}

const severalInstants = ({ kills }: Evidence): boolean =>
  fewestInstants(kills.filter(({ outlived }) => outlived !== false)) >= SEVERAL;

function stepped(evidence: Evidence, steps: Ladder, found: Threshold, prior: Prior): Found {
  const second = secondStep(steps, found);
  if (second?.shape === 'hump') return { timeout: refused('several-steps') };
  if (second === null) {
    const interval =
      cleanBracket(evidence) ?? sloping(evidence, binned(evidence, prior, EVERYTHING));
    // Where all that was seen may lie below it, nothing was seen of T but that it is longer.
    return interval.highSeconds < prior.highSeconds
      ? { timeout: estimatedFrom(interval), significant: true }
      : { timeout: bounded(interval.lowSeconds, null, 'too-few') };
  }
  const [low, high] = second.splits.map((split) => steps.at[split] ?? 0);
  const binding = binned(evidence, prior, { ...EVERYTHING, until: high ?? 0 });
  const other = binned(evidence, prior, { ...EVERYTHING, from: low ?? 0 });
  const stepsSeconds = [binding.medianSeconds, other.medianSeconds];
  return { timeout: estimatedFrom(binding), significant: true, stepsSeconds };
}

/**
 * Where not one survivor is as long as one kill, T lies between them: the likeliest step of the staircase, and all that a
 * reader of the same silences would believe. Null where some must have been errors.
 */
function cleanBracket({ survivors, kills }: Evidence): Posterior | null {
  const [lowSeconds, highSeconds] = [longestOf(survivors.seconds), shortestOf(lengthsOf(kills))];
  if (lowSeconds >= highSeconds) return null;
  return { medianSeconds: Math.sqrt(lowSeconds * highSeconds), lowSeconds, highSeconds };
}

/**
 * The interval of a step, as wide as the ramp that explains its silences better. Bins that straddle a step make it slope:
 * their survivors have to show the ramp at either end of their bins.
 */
function sloping(evidence: Evidence, step: Posterior): Posterior {
  const most = ramp(packetLadder(evidence), step.medianSeconds);
  if (most === null) return step;
  const least = ramp(ladder(onPacketClockAtLeast(evidence)), step.medianSeconds);
  if (least === null) return step;
  return {
    medianSeconds: step.medianSeconds,
    lowSeconds: Math.min(step.lowSeconds, most.lowSeconds, least.lowSeconds),
    highSeconds: Math.max(step.highSeconds, most.highSeconds, least.highSeconds),
  };
}

interface Stretch {
  readonly from: number;
  readonly until: number;
}

const EVERYTHING: Stretch = { from: 0, until: Number.POSITIVE_INFINITY };

/**
 * Survivors were counted in bins: somewhere in theirs, but for the longest of each. The interval holds both extremes, so the
 * bins, less than 1 % wide, may widen it by that and never shift it.
 */
function binned(evidence: Evidence, prior: Prior, { from, until }: Stretch): Posterior {
  const [most, least] = [onPacketClock(evidence), onPacketClockAtLeast(evidence)].map((all) =>
    posterior(ladder(cut(all, from, until)), prior),
  ) as [Posterior, Posterior];
  return {
    medianSeconds: Math.sqrt(most.medianSeconds * least.medianSeconds),
    lowSeconds: Math.min(most.lowSeconds, least.lowSeconds),
    highSeconds: Math.max(most.highSeconds, least.highSeconds),
  };
}

const estimatedFrom = ({ medianSeconds, lowSeconds, highSeconds }: Posterior): Timeout => ({
  status: 'estimated',
  estimateSeconds: medianSeconds,
  lowSeconds,
  highSeconds,
  basis: 'change-point',
  reason: null,
});

/** Kills and survivors, and no significant threshold between them. */
function undecided({ kills, survivors }: Evidence): Timeout {
  const lengths = lengthsOf(kills);
  const [survived, killed] = [longestOf(survivors.seconds), shortestOf(lengths)];
  if (shortestOf(survivors.seconds) >= longestOf(lengths)) return refused('no-bracket');
  if (survived < killed && kills.some(({ proven }) => proven)) {
    return bounded(survived, killed, 'too-few');
  }
  return refused(
    Math.min(kills.length, sumOf(survivors.counts)) < SEVERAL ? 'too-few' : 'no-dependence',
  );
}
