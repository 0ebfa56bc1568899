/**
 * One finding as programs read it: the judge's answer, with names instead of indexes and seconds
 * instead of ticks.
 */
import { FLOW_FLAG, has } from '../base/record.ts';
import { TUNNEL } from '../base/silence.ts';
import { rfc3339, seconds } from '../base/units.ts';
import type { Finding } from '../judge/finding.ts';
import { sequenceName } from '../judge/identity.ts';
import { type Analysis, placeKey, pointName } from './analysis.ts';
import { communityId } from './community-id.ts';
import { locateFrames } from './frames.ts';
import { logLines } from './log-report.ts';
import type { FindingReport } from './schema.ts';
import { wiresharkFilter } from './wireshark.ts';

/** Looks up what a finding names by index; built once an analysis. */
export interface Names {
  capturePoint(index: number): string | null;
  pathOf(finding: Finding): string | null;
  updateOf(finding: Finding): number;
  logOf(finding: Finding): Pick<FindingReport, 'log'>;
}

export function namesOf(analysis: Analysis): Names {
  const paths = new Map(
    analysis.paths.flatMap((path) =>
      path.findingIds.map((id) => [placeKey(id, path), path.id] as const),
    ),
  );
  return {
    capturePoint: (index) => pointName(analysis, index),
    pathOf: ({ id, record }) => paths.get(placeKey(id, record)) ?? null,
    updateOf: ({ id }) => analysis.updates?.get(id) ?? 0,
    logOf: ({ id }) => logLines(analysis.logged, id),
  };
}

const optionalSeconds = (ns: bigint | null): number | null => (ns === null ? null : seconds(ns));

function flowReport(finding: Finding, names: Names): FindingReport['flow'] {
  const { record } = finding;
  return {
    originator: { address: record.originatorAddress, port: record.originatorPort },
    responder: { address: record.responderAddress, port: record.responderPort },
    capturePoint: names.capturePoint(record.capturePoint),
    vlan: record.vlan || null,
    vni: record.tunnelKind === TUNNEL.none ? null : record.tunnelId,
    startedAt: rfc3339(record.flowStartedAtNs),
    midStream: has(record.flowFlags, FLOW_FLAG.midStream),
    translated: finding.translated ?? null,
    otherLeg: finding.otherLeg ?? null,
    communityId: communityId(record),
    sequence: sequenceName(record),
  };
}

/** From the ending, or from the trigger where nothing came back, to the client's next SYN. */
function reconnectedAfterNs({ ending, record }: Finding): bigint | null {
  if (record.reconnectedAtNs === 0n) return null;
  return record.reconnectedAtNs - (ending.atNs ?? record.triggerAtNs);
}

function endingReport(finding: Finding): FindingReport['ending'] {
  const { ending } = finding;
  return {
    kind: ending.kind,
    by: ending.by,
    form: ending.form,
    at: ending.atNs === null ? null : rfc3339(ending.atNs),
    reconnectedAfterSeconds: optionalSeconds(reconnectedAfterNs(finding)),
    latencySeconds: optionalSeconds(ending.latencyNs),
    hangSeconds: seconds(ending.hangNs),
  };
}

export function findingReport(finding: Finding, names: Names): FindingReport {
  const { record } = finding;
  const frames = locateFrames(record);
  return {
    id: finding.id,
    update: names.updateOf(finding),
    sameAs: [...(finding.sameAs ?? [])],
    signature: finding.signature,
    verdict: finding.verdict,
    confidence: finding.confidence,
    flow: flowReport(finding, names),
    silence: {
      startedAt: rfc3339(record.startedAtNs),
      endedAt: rfc3339(record.endedAtNs),
      seconds: seconds(finding.silenceNs),
      clock: finding.clock,
    },
    frames,
    trigger: { ...finding.trigger },
    ending: endingReport(finding),
    emitter: { is: finding.emitter.is, because: [...finding.emitter.because] },
    evidence: finding.evidence.map((evidence) => ({ ...evidence })),
    path: names.pathOf(finding),
    summary: finding.summary,
    wireshark: wiresharkFilter(finding, frames),
    ...names.logOf(finding),
  };
}
