/**
 * What would keepalive every X seconds have saved? It cuts every silence into pieces of X at most,
 * so a kill is avoided when X is below the interval of T, and is not when X reaches its end. In
 * between nobody knows.
 *
 * Takes for granted that probes are sent on every connection and answered, as a living peer does. A
 * timer of an application or a proxy counts payload: keepalive saves nothing there.
 */
import { seconds } from '../base/units.ts';
import { isEndpointTimer, type PathCase, type TimeoutKnown } from './path-case.ts';

export interface WhatIf {
  readonly keepaliveSeconds: number;
  /** Kills by a box that would not have happened. */
  readonly saved: number;
  readonly lost: number;
  readonly uncertain: number;
  /** Ends by a timer of an application or a proxy: never saved. */
  readonly endpointTimers: number;
}

export type Fate = 'saved' | 'lost' | 'uncertain';

export function fateOf(
  every: number,
  silence: number,
  { lowSeconds, highSeconds }: TimeoutKnown,
): Fate {
  // The silence had been broken before the first probe: nothing changes.
  if (every >= silence) return 'lost';
  // Shorter than the box waits: something else ended it.
  if (lowSeconds !== null && silence < lowSeconds) return 'uncertain';
  if (lowSeconds !== null && every < lowSeconds) return 'saved';
  return highSeconds !== null && every >= highSeconds ? 'lost' : 'uncertain';
}

export function whatIf(sought: PathCase, keepaliveSeconds: number): WhatIf {
  const { path, closes } = sought;
  const kills = isEndpointTimer(sought) ? [] : sought.kills;
  const fates = kills.map(({ silenceNs }) =>
    fateOf(keepaliveSeconds, seconds(silenceNs), path.timeout),
  );
  const count = (fate: Fate) => fates.filter((one) => one === fate).length;
  return {
    keepaliveSeconds,
    saved: count('saved'),
    lost: count('lost'),
    uncertain: count('uncertain'),
    endpointTimers: closes.length + sought.kills.length - kills.length,
  };
}
