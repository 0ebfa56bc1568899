/**
 * What is to be delivered, and the log of it. A row is written before anything is sent and says what came
 * of it; the queue only says when to look at it.
 */
import type { Database } from './database.ts';
import { behind, type Listed, listed, type Page } from './page.ts';
import { countStates } from './tallies.ts';

export const DELIVERY_STATES = [
  'pending',
  'delivered',
  'failed',
  'cancelled',
  'superseded',
] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

export interface Delivery {
  /** Its `webhook-id`. */
  readonly id: string;
  readonly webhook: string;
  readonly type: string;
  readonly state: DeliveryState;
  readonly createdAt: number;
  /** How often it was asked for again. */
  readonly round: number;
  /** When this round began. */
  readonly roundAt: number;
  /** Of this round. */
  readonly tries: number;
  readonly nextAt: number;
  readonly finishedAt: number | null;
  readonly lastStatus: number | null;
  readonly lastProblem: string | null;
  readonly notice: unknown;
}

interface Row {
  readonly id: string;
  readonly webhook: string;
  readonly type: string;
  readonly state: DeliveryState;
  readonly created_at: number;
  readonly round: number;
  readonly round_at: number;
  readonly tries: number;
  readonly next_at: number;
  readonly finished_at: number | null;
  readonly last_status: number | null;
  readonly last_problem: string | null;
  readonly notice: string;
}

const deliveryOfRow = (row: Row): Delivery => ({
  id: row.id,
  webhook: row.webhook,
  type: row.type,
  state: row.state,
  createdAt: row.created_at,
  round: row.round,
  roundAt: row.round_at,
  tries: row.tries,
  nextAt: row.next_at,
  finishedAt: row.finished_at,
  lastStatus: row.last_status,
  lastProblem: row.last_problem,
  notice: JSON.parse(row.notice) as unknown,
});

export interface NewDelivery {
  readonly id: string;
  readonly webhook: string;
  readonly type: string;
  /** Of an alert: the next message about the same path takes its place. */
  readonly path: string | null;
  readonly notice: object;
}

/** False: there is one of this id already. */
export function insertDelivery(db: Database, made: NewDelivery, now: number): boolean {
  if (made.path !== null) supersede(db, made.webhook, made.path, now);
  const sql = `INSERT INTO deliveries (id, webhook, type, path, state, created_at, round_at, next_at, notice)
    VALUES (?, ?, ?, ?, 'pending', ?, ?, ?, ?) ON CONFLICT DO NOTHING`;
  const { id, webhook, type, path } = made;
  return db.run(sql, id, webhook, type, path, now, now, now, JSON.stringify(made.notice)) > 0;
}

/** Made of an event, whose row has its data. */
export interface EventDelivery {
  readonly id: string;
  readonly seq: number;
  readonly type: string;
  /** RFC 3339 */
  readonly timestamp: string;
}

/** As insertDelivery with a notice of kind `event`, many at once: the data never leave the database. */
export function insertEventDeliveries(
  db: Database,
  webhook: string,
  made: readonly EventDelivery[],
  now: number,
): void {
  db.run(
    `INSERT INTO deliveries (id, webhook, type, state, created_at, round_at, next_at, notice)
       SELECT made.value ->> 'id', ?, made.value ->> 'type', 'pending', ?, ?, ?,
         '{"kind":"event","type":' || (made.value -> 'type') || ',"timestamp":' ||
           (made.value -> 'timestamp') || ',"data":' || events.data || '}'
       FROM json_each(?) AS made CROSS JOIN events ON events.seq = made.value ->> 'seq' ORDER BY made.key
       ON CONFLICT DO NOTHING`,
    webhook,
    now,
    now,
    now,
    JSON.stringify(made),
  );
}

/** Every message of an alert says all of it: an undelivered earlier one is of no use any more. */
function supersede(db: Database, webhook: string, path: string, now: number): void {
  db.run(
    `UPDATE deliveries SET state = 'superseded', finished_at = ? WHERE webhook = ? AND path = ? AND state = 'pending'`,
    now,
    webhook,
    path,
  );
}

export function deliveryOf(db: Database, id: string): Delivery | null {
  const row = db.get<Row>('SELECT * FROM deliveries WHERE id = ?', id);
  return row === undefined ? null : deliveryOfRow(row);
}

/** What decides whether there is anything to send. */
export interface Standing
  extends Pick<Delivery, 'id' | 'webhook' | 'state' | 'nextAt' | 'lastProblem'> {}

export const standingOf = (db: Database, ids: readonly string[]): Standing[] =>
  db.all(
    `SELECT deliveries.id, webhook, state, next_at AS nextAt, last_problem AS lastProblem
       FROM json_each(?) AS asked CROSS JOIN deliveries ON deliveries.id = asked.value`,
    JSON.stringify(ids),
  );

/** A delivery with what is needed of its subscription, in one look. */
export interface Outgoing extends Delivery {
  /** JSON, as it is stored. */
  readonly settings: string;
  readonly sealed: ArrayBuffer;
}

export const outgoingOf = (db: Database, ids: readonly string[]): Outgoing[] =>
  db
    .all<Row & Pick<Outgoing, 'settings' | 'sealed'>>(
      `SELECT deliveries.*, settings, sealed FROM json_each(?) AS asked
         CROSS JOIN deliveries ON deliveries.id = asked.value JOIN webhooks ON webhooks.id = webhook`,
      JSON.stringify(ids),
    )
    .map((row) => ({ ...deliveryOfRow(row), settings: row.settings, sealed: row.sealed }));

export function listDeliveries(
  db: Database,
  webhook: string,
  page: Page,
  state: DeliveryState | null = null,
): Listed<Delivery> {
  const from = behind(page.after, 'created_at');
  const only = state === null ? '' : ' AND state = ?';
  const rows = db.all<Row>(
    `SELECT * FROM deliveries WHERE webhook = ?${only}${from.sql} ORDER BY created_at DESC, id DESC LIMIT ?`,
    webhook,
    ...(state === null ? [] : [state]),
    ...from.values,
    page.limit + 1,
  );
  return listed(rows, page.limit, {
    item: deliveryOfRow,
    cursor: ({ created_at, id }) => ({ at: created_at, id }),
  });
}

export interface ToQueue {
  readonly id: string;
  readonly round: number;
  readonly delayMs: number;
}

interface UnqueuedRow {
  readonly id: string;
  readonly round: number;
  readonly next_at: number;
}

/**
 * Not on the queue yet, oldest first; of one subscription at most so many that, with those that lie there
 * untried, it has `window`: an endpoint that hangs fills neither Redis nor the queue.
 */
export function deliveriesToQueue(db: Database, now: number, window: number): ToQueue[] {
  const webhooks = db.all<{ webhook: string; room: number }>(
    `SELECT id AS webhook, ? - (SELECT count(*) FROM deliveries AS q INDEXED BY deliveries_queued
         WHERE q.webhook = w.id AND q.state = 'pending' AND q.queued = 1 AND q.tries = 0) AS room
       FROM webhooks AS w WHERE EXISTS (SELECT 1 FROM deliveries AS u
         WHERE u.webhook = w.id AND u.state = 'pending' AND u.queued = 0)`,
    window,
  );
  return webhooks.flatMap(({ webhook, room }) =>
    db
      .all<UnqueuedRow>(
        `SELECT id, round, next_at FROM deliveries
           WHERE webhook = ? AND state = 'pending' AND queued = 0 ORDER BY created_at, rowid LIMIT ?`,
        webhook,
        Math.max(0, room),
      )
      .map(({ id, round, next_at }) => ({ id, round, delayMs: Math.max(0, next_at - now) })),
  );
}

/** One statement: crossing over to the database costs more than changing a row. */
export function markQueued(db: Database, taken: readonly ToQueue[]): void {
  db.run(
    `UPDATE deliveries SET queued = 1 FROM json_each(?) AS taken
       WHERE deliveries.id = taken.value ->> 'id' AND round = taken.value ->> 'round'`,
    JSON.stringify(taken),
  );
}

/** Overdue for so long that the queue must have lost them: they are put on it once more. How many. */
export const requeueOverdue = (db: Database, before: number): number =>
  db.run(
    `UPDATE deliveries SET queued = 0 WHERE state = 'pending' AND queued = 1 AND next_at < ?`,
    before,
  );

export interface Attempt {
  readonly at: number;
  readonly milliseconds: number;
  readonly status: number | null;
  readonly problem: string | null;
  /** The beginning of what the endpoint said. */
  readonly answer: string | null;
}

export interface Outcome {
  readonly state: DeliveryState;
  readonly tries: number;
  readonly nextAt: number;
}

export interface Recorded {
  readonly delivery: string;
  readonly attempt: Attempt;
  readonly outcome: Outcome;
}

const LOG = `INSERT INTO delivery_attempts (delivery, at, milliseconds, status, problem, answer)
  SELECT deliveries.id, each.value ->> 'at', each.value ->> 'milliseconds', each.value ->> 'status',
    each.value ->> 'problem', each.value ->> 'answer'
  FROM json_each(?) AS each CROSS JOIN deliveries ON deliveries.id = each.value ->> 'id' ORDER BY each.key`;

const SETTLE = `UPDATE deliveries SET tries = each.value ->> 'tries', next_at = each.value ->> 'nextAt',
    last_status = each.value ->> 'status', last_problem = each.value ->> 'problem',
    state = CASE WHEN state = 'pending' OR each.value ->> 'state' = 'delivered'
      THEN each.value ->> 'state' ELSE state END,
    finished_at = CASE WHEN each.value ->> 'state' = 'pending'
      THEN finished_at ELSE each.value ->> 'endedAt' END
  FROM json_each(?) AS each WHERE deliveries.id = each.value ->> 'id'`;

/**
 * To be called in a transaction, with at most one entry of a delivery. One that was superseded or cancelled meanwhile
 * stays so. Two statements for all: crossing over to the database costs more than changing a row.
 */
export function recordAttempts(db: Database, entries: readonly Recorded[]): void {
  const rows = entries.map(({ delivery, attempt, outcome }) => ({
    id: delivery,
    ...attempt,
    ...outcome,
    endedAt: attempt.at + attempt.milliseconds,
  }));
  const json = JSON.stringify(rows);
  db.run(LOG, json);
  db.run(SETTLE, json);
}

/** Oldest first. */
export const attemptsOf = (db: Database, delivery: string): Attempt[] =>
  db.all(
    'SELECT at, milliseconds, status, problem, answer FROM delivery_attempts WHERE delivery = ? ORDER BY id',
    delivery,
  );

/**
 * Once more from the beginning, under the same id. `queued`: a job for it is there already. False: there is
 * none of this id.
 */
export const redeliver = (
  db: Database,
  id: string,
  now: number,
  job: 'queued' | 'to-queue' = 'to-queue',
): boolean =>
  db.run(
    `UPDATE deliveries SET state = 'pending', round = round + 1, round_at = ?, queued = ?, tries = 0, next_at = ?,
       finished_at = NULL WHERE id = ?`,
    now,
    job === 'queued' ? 1 : 0,
    now,
    id,
  ) > 0;

/** Of a subscription that takes nothing any more. */
export const cancelPending = (db: Database, webhook: string, why: string, now: number): number =>
  db.run(
    `UPDATE deliveries SET state = 'cancelled', finished_at = ?, last_problem = ? WHERE webhook = ? AND state = 'pending'`,
    now,
    why,
    webhook,
  );

/** For /metrics. */
export const countDeliveries = (
  db: Database,
): { readonly state: DeliveryState; readonly n: number }[] => countStates(db, 'deliveries');

/** The log goes with its deliveries; at most `limit` at once, so that nobody waits long. How many went. */
export const forgetDeliveries = (db: Database, before: number, limit: number): number =>
  db.run(
    'DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE finished_at < ? LIMIT ?)',
    before,
    limit,
  );

/** When the oldest of the newest `count` finished ones finished; null where there are fewer. */
export const finishedBeyond = (db: Database, count: number): number | null =>
  db.get<{ finished_at: number }>(
    'SELECT finished_at FROM deliveries WHERE finished_at IS NOT NULL ORDER BY finished_at DESC LIMIT 1 OFFSET ?',
    count,
  )?.finished_at ?? null;

/** When the round of the pending delivery that waits longest began; null: none is pending. */
export const oldestPending = (db: Database): number | null =>
  db.get<{ at: number | null }>(
    "SELECT min(round_at) AS at FROM deliveries WHERE state = 'pending'",
  )?.at ?? null;
