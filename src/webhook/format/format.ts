/** The formats that a subscription may ask for: a notice in, the body of a request out. */
import { visibleJson } from '../../report/visible.ts';
import type { Notice } from '../notice.ts';
import { alertmanager } from './alertmanager.ts';
import { pagerduty } from './pagerduty.ts';
import { slack } from './slack.ts';
import { teams } from './teams.ts';

export const FORMATS = ['native', 'slack', 'teams', 'alertmanager', 'pagerduty'] as const;
export type Format = (typeof FORMATS)[number];

const RENDER: Readonly<Record<Format, (notice: Notice, routingKey: string) => unknown>> = {
  native: ({ type, timestamp, data }) => ({ type, timestamp, data }),
  slack,
  teams,
  alertmanager,
  pagerduty,
};

/** JSON. `routingKey`: of PagerDuty, else not looked at. */
export const bodyFor = (format: Format, notice: Notice, routingKey = ''): string =>
  visibleJson(JSON.stringify(RENDER[format](notice, routingKey)));
