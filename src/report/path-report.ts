/**
 * A path as programs read it. Its timeout is bracketed by what was seen, not estimated: between the
 * longest silence that survived and the shortest that was killed, and refused where those
 * contradict each other.
 */
import { seconds } from '../base/units.ts';
import type { PathFacts } from './analysis.ts';
import type { Names } from './finding-report.ts';
import type { PathReport } from './schema.ts';

type Timeout = PathReport['timeout'];

const NOTHING = { estimateSeconds: null, lowSeconds: null, highSeconds: null, basis: null };

export function timeoutReport(path: PathFacts): Timeout {
  const low = path.longestSurvivedNs;
  const high = path.shortestKilledNs;
  if (high === null)
    return { ...NOTHING, status: 'refused', reason: 'no silence was killed on this path' };
  if (low !== null && low >= high) {
    return {
      ...NOTHING,
      status: 'refused',
      reason: 'a silence survived that was longer than one that was killed',
    };
  }
  return {
    ...NOTHING,
    status: 'bounded',
    lowSeconds: low === null ? null : seconds(low),
    highSeconds: seconds(high),
    reason: low === null ? 'no survivor to bound it from below' : null,
  };
}

export function pathReport(path: PathFacts, names: Names): PathReport {
  return {
    id: path.id,
    responder: {
      network: `${path.responderAddress}/${path.ipVersion === 6 ? 128 : 32}`,
      port: path.responderPort,
    },
    firstSpeaker: path.firstSpeaker,
    capturePoint: names.capturePoint(path.capturePoint),
    killed: path.killed,
    survived: path.survived,
    longestSurvivedSeconds:
      path.longestSurvivedNs === null ? null : seconds(path.longestSurvivedNs),
    shortestKilledSeconds: path.shortestKilledNs === null ? null : seconds(path.shortestKilledNs),
    timeout: timeoutReport(path),
    observations: null,
    keepalive: { seenEverySeconds: null, crossed: null },
    hints: [],
    remedy: null,
  };
}
