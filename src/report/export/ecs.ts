/**
 * A finding as a row of the Elastic Common Schema (elastic.co/guide/en/ecs, 8.11), so that it lies beside
 * Zeek's, Suricata's and Arkime's rows of the same connection: `network.community_id` joins them.
 */
import { isIPv4 } from 'node:net';
import type { FindingReport } from '../schema.ts';

export const ECS_VERSION = '8.11.0';

type Endpoint = FindingReport['flow']['originator'];

/** `domain` where a list of names knows the address (names.ts). */
const side = (
  { address, port, name }: Endpoint & { readonly name?: string },
  translated: Endpoint | undefined,
) => ({
  address,
  ...(name === undefined ? {} : { domain: name }),
  ip: address,
  port,
  ...(translated === undefined ? {} : { nat: { ip: translated.address, port: translated.port } }),
});

/** `event.severity` has no scale of its own in ECS; Elastic Security's: 21 low, 47 medium, 73 high. */
const SEVERITIES: Readonly<Record<FindingReport['verdict'], number>> = {
  'box-timeout': 73,
  'possible-box-timeout': 47,
  burst: 47,
  'endpoint-timer': 21,
};

const networkOf = ({ originator, vlan, communityId }: FindingReport['flow']) => ({
  transport: 'tcp',
  type: isIPv4(originator.address) ? 'ipv4' : 'ipv6',
  community_id: communityId,
  ...(vlan === null ? {} : { vlan: { id: String(vlan) } }),
});

const eventOf = (finding: FindingReport) => ({
  kind: 'alert',
  category: ['network'],
  type: ['connection', 'end'],
  module: 'deadair',
  dataset: 'deadair.finding',
  provider: 'deadair',
  id: finding.id,
  action: finding.signature,
  reason: finding.summary,
  severity: SEVERITIES[finding.verdict],
  start: finding.silence.startedAt,
  end: finding.silence.endedAt,
  duration: Math.round(finding.silence.seconds * 1e9),
});

const observerOf = (point: string | null) => ({
  type: 'sensor',
  product: 'deadair',
  ...(point === null ? {} : { ingress: { interface: { name: point } } }),
});

/** What ECS has no field for stands under `deadair`, by the names of the report. */
export function ecsRow(finding: FindingReport): Readonly<Record<string, unknown>> {
  const { flow, silence, trigger, ending, emitter, verdict, confidence, path, sameAs, update } =
    finding;
  return {
    '@timestamp': ending.at ?? silence.endedAt,
    ecs: { version: ECS_VERSION },
    message: finding.summary,
    event: eventOf(finding),
    network: networkOf(flow),
    source: side(flow.originator, flow.translated?.originator),
    destination: side(flow.responder, flow.translated?.responder),
    related: { ip: [...new Set([flow.originator.address, flow.responder.address])] },
    observer: observerOf(flow.capturePoint),
    deadair: { verdict, confidence, path, update, sameAs, silence, trigger, ending, emitter },
  };
}
