/**
 * A flush under a translator that picks ports at random shows no reset of a running connection: every one comes back under
 * a new port, those too that were hardly silent. They count among the resets that no silence preceded, by which a burst
 * is told from a timeout.
 */
import type { Scene } from '../../judge/finding.ts';
import { gather } from '../rows.ts';
import { responderKey, responderOf } from '../responder.ts';
import type { Return } from './settle-returns.ts';

export function withSwept(scene: Scene, swept: readonly Return[]): Scene {
  if (swept.length === 0) return scene;
  const moments = new Map<string, bigint[]>();
  for (const { sighting, back } of swept) {
    gather(moments, responderKey(responderOf(sighting.record)), back.birth.atNs);
  }
  return {
    ...scene,
    statelessResets(record, fromNs, untilNs) {
      const known = moments.get(responderKey(responderOf(record))) ?? [];
      const within = known.filter((atNs) => atNs >= fromNs && atNs <= untilNs).length;
      return scene.statelessResets(record, fromNs, untilNs) + within;
    },
  };
}
