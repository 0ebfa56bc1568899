/**
 * How far apart keepalive probes are: a silence that a probe ended lasted as long as the prober
 * waits.
 */
import { pick } from '../base/order.ts';
import { orderOf } from '../capture/numbers.ts';
import { joined, sumOf } from './estimate/lengths.ts';
import type { Survivors } from './survivors.ts';

/**
 * Seconds, of the middle one of all silences that an answered probe ended (exact to 1 %); null
 * where none did.
 */
export function probeRhythm(runs: readonly Survivors[]): number | null {
  const probed = joined(
    runs.map(({ longest, keepalives }) => ({ seconds: longest, counts: keepalives })),
  );
  const order = orderOf(probed.seconds);
  const lengths = pick(probed.seconds, order);
  const counts = pick(probed.counts, order);
  const all = sumOf(counts);
  let before = 0;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i] as number;
    before += count;
    if (count > 0 && before * 2 >= all) return lengths[i] as number;
  }
  return null;
}
