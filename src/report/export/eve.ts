/**
 * A finding as a line of Suricata's EVE log (docs.suricata.io, "Eve JSON Format"), event type `alert`, so
 * that what reads EVE shows it, and `community_id` joins it with the flow that Suricata saw.
 */
import { createHash } from 'node:crypto';
import type { FindingReport } from '../schema.ts';
import { SIGNATURES } from '../words.ts';

/** Of the range for local rules, 1000000–1999999; chosen there. One a signature, in the order of the list. */
export const FIRST_SID = 1_686_000;

/** 1 is the gravest. */
const SEVERITIES: Readonly<Record<FindingReport['verdict'], number>> = {
  'box-timeout': 1,
  'possible-box-timeout': 2,
  burst: 2,
  'endpoint-timer': 3,
};

/** RFC 3339 with nanoseconds → as Suricata writes it: microseconds and an offset without colon. */
export const eveTime = (time: string): string => {
  const [, whole = time, fraction = ''] = /^(.{19})(?:\.(\d+))?Z$/.exec(time) ?? [];
  return `${whole}.${fraction.slice(0, 6).padEnd(6, '0')}+0000`;
};

/** Suricata's own is a number of the engine; this one is the same for the same finding, below 2^48. */
const flowId = (id: string): number => createHash('sha256').update(id).digest().readUIntBE(0, 6);

const alertOf = ({ signature, verdict, confidence, path }: FindingReport) => ({
  action: 'allowed',
  gid: 1,
  signature_id: FIRST_SID + SIGNATURES.indexOf(signature),
  rev: 1,
  signature: `deadair ${signature} (${verdict})`,
  category: 'Silent connection killed',
  severity: SEVERITIES[verdict],
  metadata: { confidence: [String(confidence)], ...(path === null ? {} : { path: [path] }) },
});

type Named = FindingReport['flow']['originator'] & { readonly name?: string };

/** EVE has no field for names of addresses: they stand among what is ours. */
function namesOf({ originator, responder }: FindingReport['flow']) {
  const [src, dest]: Named[] = [originator, responder];
  return {
    ...(src?.name === undefined ? {} : { src_name: src.name }),
    ...(dest?.name === undefined ? {} : { dest_name: dest.name }),
  };
}

export function eveRow(finding: FindingReport): Readonly<Record<string, unknown>> {
  const { flow, silence, trigger, ending, emitter, verdict, confidence, path, update } = finding;
  return {
    timestamp: eveTime(ending.at ?? silence.endedAt),
    flow_id: flowId(finding.id),
    ...(flow.capturePoint === null ? {} : { in_iface: flow.capturePoint }),
    event_type: 'alert',
    ...(flow.vlan === null ? {} : { vlan: [flow.vlan] }),
    src_ip: flow.originator.address,
    src_port: flow.originator.port,
    dest_ip: flow.responder.address,
    dest_port: flow.responder.port,
    proto: 'TCP',
    community_id: flow.communityId,
    alert: alertOf(finding),
    flow: { start: eveTime(flow.startedAt) },
    deadair: {
      id: finding.id,
      ...namesOf(flow),
      update,
      signature: finding.signature,
      verdict,
      confidence,
      path,
      summary: finding.summary,
      silence,
      trigger,
      ending,
      emitter,
    },
  };
}
