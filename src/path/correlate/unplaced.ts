/**
 * Resets that met a connection of which only one side was ever seen: what a server answers to a packet that came back
 * under another port. They have no record of their own, only a count: those without a silence, less those that are
 * placed by responder and second.
 */
import { RESET_SECOND } from '../../base/silence.ts';
import type { Captured } from '../../dispatch/merge.ts';
import { rowsOf } from '../rows.ts';

/** Enough of them for so many connections that came back? */
export function isUnplacedLeft({ counters, resetSeconds }: Captured, wanted: number): boolean {
  let placed = 0;
  for (const row of rowsOf(resetSeconds, RESET_SECOND)) {
    placed += row.getUint32(RESET_SECOND.count[0], true);
  }
  return counters.notesOverflow === 0 && counters.resets.noSilence - placed >= wanted;
}
