/**
 * The longest silence that can be relied on: the lower end of the interval of T. Where T is only bounded above, the
 * longest one that several silences survived below the bound, else a third of the bound: provisional then.
 */
import { seconds } from '../base/units.ts';
import type { Finding } from '../judge/finding.ts';
import type { Observed, PathKnown } from './path-case.ts';

export interface SafeSilence {
  readonly seconds: number;
  /** The numbers are a careful start, to be corrected when more has been seen. */
  readonly isProvisional: boolean;
  readonly from: 'interval' | 'survivors' | 'third-of-bound';
}

/** Chosen: one survivor may have crossed by luck, three have not. */
const SUPPORT = 3;

/** The longest silence below `limit` that was survived by SUPPORT silences as long or longer, but below it. */
export function supportedSurvivor(observed: readonly Observed[], limit: number): number | null {
  const survivors = observed
    .filter(({ outcome, seconds: length }) => outcome === 'survived' && length < limit)
    .sort((a, b) => b.seconds - a.seconds);
  let support = 0;
  for (const { seconds: length, count } of survivors) {
    support += count;
    if (support >= SUPPORT) return length;
  }
  return null;
}

/** Null where nothing was killed: then there is nothing to cure. */
export function safeSilence(path: PathKnown, kills: readonly Finding[]): SafeSilence | null {
  if (kills.length === 0) return null;
  const { lowSeconds, highSeconds } = path.timeout;
  if (lowSeconds !== null) return { seconds: lowSeconds, isProvisional: false, from: 'interval' };
  const shortest = Math.min(...kills.map(({ silenceNs }) => seconds(silenceNs)));
  const bound = highSeconds ?? shortest;
  const survivor = supportedSurvivor(path.observations, bound);
  return survivor === null
    ? { seconds: bound / 3, isProvisional: true, from: 'third-of-bound' }
    : { seconds: survivor, isProvisional: true, from: 'survivors' };
}
