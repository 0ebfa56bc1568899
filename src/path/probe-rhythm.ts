/**
 * How far apart keepalive probes are: a silence that a probe ended lasted as long as the prober
 * waits.
 */
import { seconds } from '../base/units.ts';
import type { SurvivorBin } from './survivors.ts';

/**
 * Seconds, of the middle one of all silences that an answered probe ended (exact to 1 %); null
 * where none did.
 */
export function probeRhythm(bins: readonly SurvivorBin[]): number | null {
  const probed = bins
    .filter(({ keepalives }) => keepalives > 0)
    .sort((a, b) => (a.longestNs < b.longestNs ? -1 : 1));
  const all = probed.reduce((sum, { keepalives }) => sum + keepalives, 0);
  let before = 0;
  for (const { keepalives, longestNs } of probed) {
    before += keepalives;
    if (before * 2 >= all) return seconds(longestNs);
  }
  return null;
}
