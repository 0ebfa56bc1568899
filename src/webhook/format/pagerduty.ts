/**
 * PagerDuty Events API v2 (developer.pagerduty.com, "Send an alert event").
 *
 * `dedup_key` is the path, so that all kills of one path are one incident, and the end of the alert
 * resolves it. The routing key is a secret: it is put in at the moment of sending.
 */
import type { Notice } from '../notice.ts';
import { type Card, cardOf } from './card.ts';
import { textAt } from './read.ts';

const SEVERITIES: Readonly<Record<Card['severity'], string>> = {
  critical: 'critical',
  warning: 'warning',
  info: 'info',
  good: 'info',
};

function dedupKey(notice: Notice): string {
  if (notice.kind === 'alert') return notice.data.path;
  const { type, data } = notice;
  const about = textAt(data, 'path') ?? textAt(data, 'agent') ?? textAt(data, 'id');
  // The return of an agent ends what its silence began.
  if (type.startsWith('agent.')) return `agent.silent ${about ?? ''}`.trim();
  return type.startsWith('finding.') ? (about ?? type) : `${type} ${about ?? ''}`.trim();
}

function sourceOf(notice: Notice): string {
  const flow =
    notice.kind === 'alert'
      ? notice.data.responder
      : textAt(notice.data, 'flow', 'responder', 'address');
  if (flow === null) return textAt(notice.data, 'host') ?? 'deadair';
  return typeof flow === 'string' ? flow : flow.address;
}

export function pagerduty(notice: Notice, routingKey: string): unknown {
  const { title, text, facts, severity } = cardOf(notice);
  const dedup = { routing_key: routingKey, dedup_key: dedupKey(notice) };
  if (notice.type === 'alert.resolved' || notice.type === 'agent.back')
    return { ...dedup, event_action: 'resolve' };
  return {
    ...dedup,
    event_action: 'trigger',
    payload: {
      summary: title,
      source: sourceOf(notice),
      severity: SEVERITIES[severity],
      timestamp: notice.timestamp,
      component: 'deadair',
      class: notice.type,
      custom_details: { description: text, ...Object.fromEntries(facts) },
    },
  };
}
