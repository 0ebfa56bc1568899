/**
 * Prometheus Alertmanager: `POST /api/v2/alerts` (its OpenAPI document, `postableAlerts`).
 *
 * The labels are the identity of an alert, so they do not change while it lasts; what changes stands in
 * the annotations. Alertmanager forgets an alert that is not sent again (`resolve_timeout`, 5 min by
 * default), so it is sent again while it fires; `endsAt` is given when it is over.
 */
import { endpointText } from '../../report/address.ts';
import type { Notice } from '../notice.ts';
import { type Card, cardOf } from './card.ts';
import { textAt } from './read.ts';
import { tame } from './tame.ts';

const LABEL = 200;

const SEVERITIES: Readonly<Record<Card['severity'], string>> = {
  critical: 'critical',
  warning: 'warning',
  info: 'info',
  good: 'critical', // a resolved alert is the same alert
};

const NAMES: Readonly<Record<string, string>> = {
  'finding.created': 'DeadairIdleKill',
  'finding.updated': 'DeadairIdleKill',
  'path.estimated': 'DeadairTimeoutKnown',
  'path.changed': 'DeadairTimeoutChanged',
  'job.completed': 'DeadairJobCompleted',
  'job.failed': 'DeadairJobFailed',
  'agent.silent': 'DeadairAgentSilent',
  'agent.back': 'DeadairAgentSilent',
  'webhook.test': 'DeadairTest',
};

function labelsOf(notice: Notice, card: Card): Record<string, string> {
  const severity = SEVERITIES[card.severity];
  if (notice.kind === 'alert') {
    const { path, responder, capturePoint } = notice.data;
    return {
      alertname: 'DeadairIdleKill',
      severity,
      path,
      responder: endpointText(responder.address, responder.port),
      ...(capturePoint === null ? {} : { capture_point: tame(capturePoint, LABEL) }),
    };
  }
  const about = textAt(notice.data, 'agent') ?? textAt(notice.data, 'id');
  return {
    alertname: NAMES[notice.type] ?? 'Deadair',
    severity,
    ...(about === null ? {} : { about: tame(about, LABEL) }),
  };
}

/** "Idle timeout" → idle_timeout */
const annotationName = (name: string): string => name.toLowerCase().replaceAll(' ', '_');

/** Chosen: an agent that is silent for so long is not expected back. */
const SILENT_MOST_MS = 7 * 24 * 3_600_000;

/**
 * When it began, and when it ends: an agent's alert lasts, without being sent again, until the agent is heard of. No end:
 * Alertmanager's resolve_timeout.
 */
function spanOf(notice: Notice): { startsAt: string; endsAt?: string } {
  const { type, timestamp, data } = notice;
  if (notice.kind === 'alert') {
    const { startedAt, resolvedAt } = notice.data;
    return { startsAt: startedAt, ...(resolvedAt === null ? {} : { endsAt: resolvedAt }) };
  }
  if (!type.startsWith('agent.')) return { startsAt: timestamp };
  const startsAt = textAt(data, 'silentSince') ?? timestamp;
  if (type === 'agent.back') return { startsAt, endsAt: timestamp };
  return { startsAt, endsAt: new Date(Date.parse(timestamp) + SILENT_MOST_MS).toISOString() };
}

export function alertmanager(notice: Notice): unknown {
  const card = cardOf(notice);
  const facts = card.facts.map(([name, value]) => [annotationName(name), value] as const);
  return [
    {
      labels: labelsOf(notice, card),
      annotations: { summary: card.title, description: card.text, ...Object.fromEntries(facts) },
      ...spanOf(notice),
    },
  ];
}
