/**
 * The messages that docs/webhooks.md shows. The kill is the one of its native example, found in a lab
 * capture; the others tell of the same one.
 */
import { readFileSync } from 'node:fs';
import type { FindingReport } from '../../src/report/schema.ts';
import type { Format } from '../../src/webhook/format/format.ts';
import type { Alert, Notice } from '../../src/webhook/notice.ts';

const document = readFileSync(new URL('../../docs/webhooks.md', import.meta.url), 'utf8');

/** `<!-- example: NAME -->`, then a block of JSON. */
export const SHOWN: ReadonlyMap<string, unknown> = new Map(
  [...document.matchAll(/<!-- example: ([a-z ]+) -->\n+```json\n(.*?)\n```/gs)].map(
    ([, name = '', json = '']) => [name, JSON.parse(json) as unknown] as const,
  ),
);

const native = SHOWN.get('native') as { readonly timestamp: string; readonly data: FindingReport };
export const KILL = native.data;

const ALERT_AT = '2026-11-22T20:14:30.000Z';
const RESOLVED_AT = '2026-11-22T20:29:30.000Z';

const alertOf = (resolvedAt: string | null): Alert => ({
  path: KILL.path ?? '',
  status: resolvedAt === null ? 'firing' : 'resolved',
  kills: 12,
  startedAt: native.timestamp,
  lastKillAt: ALERT_AT,
  resolvedAt,
  responder: KILL.flow.responder,
  capturePoint: 'in0',
  timeout: {
    status: 'estimated',
    estimateSeconds: 77.65,
    lowSeconds: 64.93,
    highSeconds: 92.88,
    basis: 'change-point',
    reason: null,
  },
  finding: KILL,
});

export const killed: Notice = {
  kind: 'event',
  type: 'finding.created',
  timestamp: native.timestamp,
  data: { ...KILL },
};

export const firing = {
  kind: 'alert',
  type: 'alert.updated',
  timestamp: ALERT_AT,
  data: alertOf(null),
} as const satisfies Notice;

export const resolved: Notice = {
  kind: 'alert',
  type: 'alert.resolved',
  timestamp: RESOLVED_AT,
  data: alertOf(RESOLVED_AT),
};

/** Name of the example in the document → what it shows. */
export const EXAMPLES: Readonly<Record<string, readonly [Format, Notice]>> = {
  native: ['native', killed],
  slack: ['slack', firing],
  teams: ['teams', firing],
  alertmanager: ['alertmanager', firing],
  'alertmanager resolved': ['alertmanager', resolved],
  pagerduty: ['pagerduty', firing],
  'pagerduty resolved': ['pagerduty', resolved],
};
