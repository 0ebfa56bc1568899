/**
 * From events to deliveries: follows the store's outbox from where it stood, once.
 *
 * Events, the deliveries made of them and the place reached are one transaction, so a kill at any moment
 * neither loses nor doubles one. Nothing is sent here.
 */
import type { FindingReport } from '../report/schema.ts';
import type { Database } from '../report/store/database.ts';
import { type EventDelivery, insertEventDeliveries } from '../report/store/deliveries.ts';
import { eventsAfter, type StoredEvent } from '../report/store/events.ts';
import {
  activeWebhooks,
  isMuted,
  moveWebhookCursor,
  webhookCursor,
} from '../report/store/webhooks.ts';
import { countKill } from '../report/store/webhook-alerts.ts';
import { AlertBook } from './alert-book.ts';
import { hearsOf, passes, pathOf, tellsCreation } from './matches.ts';
import { createdKey, eventKey, webhookId } from './notice.ts';
import { isGrouped, type Settings } from './subscription.ts';

/** Chosen: some milliseconds of work, so that the loop can renew the queue's locks in between. */
const EVENTS_AT_ONCE = 500;

interface Subscriber {
  readonly id: string;
  readonly fromSeq: number;
  readonly settings: Settings;
}

interface Round {
  readonly db: Database;
  readonly now: number;
  readonly alerts: AlertBook;
  /** Paths asked for in this round. */
  readonly muted: Map<string, boolean>;
  /** By subscription, in order. */
  readonly made: Map<string, EventDelivery[]>;
}

function mutedIn({ db, now, muted }: Round, path: string): boolean {
  const known = muted.get(path) ?? isMuted(db, path, now);
  muted.set(path, known);
  return known;
}

function deliver(
  { made }: Round,
  webhook: string,
  key: string,
  { seq, timestamp, type }: Pick<StoredEvent, 'seq' | 'timestamp' | 'type'>,
): void {
  const delivery = { id: webhookId(webhook, key), seq, type, timestamp };
  const known = made.get(webhook);
  if (known === undefined) made.set(webhook, [delivery]);
  else known.push(delivery);
}

/** A finding that a subscription hears of for the first time. */
function created(round: Round, { id, settings }: Subscriber, event: StoredEvent): void {
  const { seq, subject, timestamp, data } = event;
  const path = pathOf(event);
  if (!isGrouped(settings) || path === null)
    return deliver(round, id, createdKey(subject), { seq, timestamp, type: 'finding.created' });
  if (!countKill(round.db, id, subject, round.now)) return;
  const finding = data as unknown as FindingReport;
  round.alerts.kill({ webhook: id, settings, path, seq, finding });
}

function concern(round: Round, subscriber: Subscriber, event: StoredEvent): void {
  const { id, fromSeq, settings } = subscriber;
  if (event.seq <= fromSeq || !passes(settings.filter, event)) return;
  const path = pathOf(event);
  if (path !== null && mutedIn(round, path)) return;
  if (tellsCreation(settings, event)) created(round, subscriber, event);
  const { type } = event;
  if (type === 'finding.created' || !hearsOf(settings, event)) return;
  if (type === 'finding.updated' && isGrouped(settings)) return;
  deliver(round, id, eventKey(event), event);
}

const subscribers = (db: Database): Subscriber[] =>
  activeWebhooks(db).map(({ id, fromSeq, settings }) => ({
    id,
    fromSeq,
    settings: settings as Settings,
  }));

/** Takes the next events. How many there were: 0 means that nothing is left. */
export const followOutbox = (db: Database, now: number): number =>
  db.transaction(() => {
    const events = eventsAfter(db, webhookCursor(db), EVENTS_AT_ONCE);
    const last = events.at(-1);
    if (last === undefined) return 0;
    const round: Round = {
      db,
      now,
      alerts: new AlertBook(db, now),
      muted: new Map(),
      made: new Map(),
    };
    for (const subscriber of subscribers(db)) {
      for (const event of events) concern(round, subscriber, event);
    }
    for (const [webhook, made] of round.made) insertEventDeliveries(db, webhook, made, now);
    round.alerts.close();
    moveWebhookCursor(db, last.seq);
    return events.length;
  });
