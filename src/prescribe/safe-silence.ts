/**
 * The longest silence that can be relied on: the lower end of the interval of T. Where T is only
 * bounded above, the longest one that several silences survived below the bound, else a third of
 * the bound: provisional then.
 */
import { seconds } from '../base/units.ts';
import { isEndpointTimer, type Observed, type PathCase } from './path-case.ts';

export interface SafeSilence {
  readonly seconds: number;
  /** The numbers are a careful start, to be corrected when more has been seen. */
  readonly isProvisional: boolean;
  readonly from: 'interval' | 'survivors' | 'third-of-bound';
}

/** Chosen: one survivor may have crossed by luck, three have not. */
const SUPPORT = 3;

/**
 * The longest silence below `limit` that was survived by SUPPORT silences as long or longer, but
 * below it.
 */
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

/** Null where no box killed anything: then keepalive has nothing to cure. */
export function safeSilence(sought: PathCase): SafeSilence | null {
  const { path, kills } = sought;
  if (kills.length === 0 || isEndpointTimer(sought)) return null;
  const { lowSeconds, highSeconds } = path.timeout;
  if (lowSeconds !== null) return { seconds: lowSeconds, isProvisional: false, from: 'interval' };
  const killed = kills.map(({ silenceNs }) => seconds(silenceNs));
  const ends = killed.reduce(
    ({ least, most }, one) => ({ least: Math.min(least, one), most: Math.max(most, one) }),
    { least: Number.POSITIVE_INFINITY, most: 0 },
  );
  // One kill alone leaves the estimate's bound wide open: what was killed died within its silence.
  const bound = highSeconds === null ? ends.least : Math.min(highSeconds, ends.most);
  const survivor = supportedSurvivor(path.observations, bound);
  return survivor === null
    ? { seconds: bound / 3, isProvisional: true, from: 'third-of-bound' }
    : { seconds: survivor, isProvisional: true, from: 'survivors' };
}
