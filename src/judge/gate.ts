/**
 * What must not be flagged, decided before any signature is looked for.
 *
 * A kill is judged only when the connection was established, nobody had sent a FIN, and the silence was longer than
 * `shortest` and than ten round trips (below that a delayed answer looks like silence). Everything else is explained
 * here: refused and half-seen connections, resets behind a FIN (closed sockets answer late segments so, home routers
 * clean up closing flows so), holes in the capture, silences still open.
 */
import type { SilenceRecord } from '../base/record.ts';
import { FLOW_FLAG, OUTCOME, SILENCE_KIND } from '../base/silence.ts';
import { explained, isCandidate, outcomeName } from './compose.ts';
import { endedByReset, established, finBefore, silenceNs } from './connection.ts';
import type { Judgement, Scene } from './finding.ts';

const ROUND_TRIPS = 10;

/** The judgement when the record is no candidate for any signature; null when the rules may look at it. */
export function gate(record: SilenceRecord, scene: Scene): Judgement | null {
  if (!established(record)) return explained(record, stillOpen(record), neverEstablished(record));
  if (finBefore(record)) return explained(record, settled(record), 'after-fin');
  if (record.outcome !== OUTCOME.closed && record.outcome !== OUTCOME.killed) {
    return explained(record, outcomeName(record), 'not-examined');
  }
  return tooShort(record, scene) ? explained(record, 'closed', 'no-silence') : null;
}

const neverEstablished = (record: SilenceRecord): 'refused' | 'unknown-connection' =>
  (record.flowFlags & FLOW_FLAG.sawSyn) !== 0 ? 'refused' : 'unknown-connection';

const stillOpen = (record: SilenceRecord): Judgement['outcome'] =>
  isCandidate(record) ? 'open' : outcomeName(record);

/** A candidate behind a FIN was closing already: its silence was closed, not killed. */
const settled = (record: SilenceRecord): Judgement['outcome'] =>
  isCandidate(record) ? (endedByReset(record) ? 'closed' : 'open') : outcomeName(record);

function tooShort(record: SilenceRecord, scene: Scene): boolean {
  if (record.kind === SILENCE_KIND.payload) return false;
  const silence = Number(silenceNs(record));
  const { sides } = record;
  const roundTripNs = sides[0].minRttNs + sides[1].minRttNs;
  return silence < Number(scene.shortestNs) || silence < ROUND_TRIPS * roundTripNs;
}
