/**
 * A path as programs read it: who shares the box, how long it waits, and the silences that say so.
 */
import { sharedNetwork } from '../path/network.ts';
import type { PathFacts } from './analysis.ts';
import type { Names } from './finding-report.ts';
import { observationsReport } from './observations-report.ts';
import type { Advised } from './prescription-report.ts';
import type { PathReport } from './schema.ts';
import { seconds } from '../base/units.ts';

const optionalSeconds = (ns: bigint | null): number | null => (ns === null ? null : seconds(ns));

export const timeoutReport = ({ timeout }: PathFacts): PathReport['timeout'] => ({ ...timeout });

export function pathReport(path: PathFacts, names: Names): Omit<PathReport, keyof Advised> {
  return {
    id: path.id,
    responder: {
      network: sharedNetwork(path.members, path.ipVersion),
      port: path.responderPort,
    },
    firstSpeaker: path.firstSpeaker,
    tcpState: path.tcpState,
    capturePoint: names.capturePoint(path.capturePoint),
    killed: path.killed,
    survived: path.survived,
    longestSurvivedSeconds: optionalSeconds(path.longestSurvivedNs),
    shortestKilledSeconds: optionalSeconds(path.shortestKilledNs),
    timeout: timeoutReport(path),
    significant: path.significant,
    stepsSeconds: [...path.stepsSeconds],
    endpointTimerSeconds: path.endpointTimerSeconds,
    members: path.members.map(({ responderAddress, responderPort, ...member }) => ({
      ...member,
      responder: { address: responderAddress, port: responderPort },
    })),
    observations: observationsReport(path.observations, path.undecided),
  };
}
