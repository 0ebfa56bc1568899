/** Rows as the API shows them. */
import type { Database } from '../../report/store/database.ts';
import { attemptsOf, type Delivery } from '../../report/store/deliveries.ts';
import type { WebhookRow } from '../../report/store/webhooks.ts';
import type { Made } from '../registry.ts';
import type { Settings } from '../subscription.ts';

const time = (ms: number): string => new Date(ms).toISOString();
const timeOrNull = (ms: number | null): string | null => (ms === null ? null : time(ms));

export function webhookView({ id, state, problem, createdAt, changedAt, settings }: WebhookRow) {
  return {
    id,
    state,
    problem,
    createdAt: time(createdAt),
    changedAt: time(changedAt),
    ...(settings as Settings),
  };
}

export const madeView = ({ webhook, secret }: Made) => ({ ...webhookView(webhook), secret });

/** With its attempts, oldest first. */
export function deliveryView(db: Database, delivery: Delivery) {
  const { id, webhook, type, state, round, tries, lastStatus, lastProblem } = delivery;
  return {
    id,
    webhook,
    type,
    state,
    createdAt: time(delivery.createdAt),
    round,
    tries,
    nextAt: state === 'pending' ? time(delivery.nextAt) : null,
    finishedAt: timeOrNull(delivery.finishedAt),
    lastStatus,
    lastProblem,
    attempts: attemptsOf(db, id).map((attempt) => ({ ...attempt, at: time(attempt.at) })),
  };
}
