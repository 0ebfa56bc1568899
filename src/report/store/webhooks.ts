/**
 * Subscriptions as rows. What they mean is the webhook stage's; here they are settings (JSON that may be
 * shown) and a sealed box (that may not).
 */
import type { Database, Value } from './database.ts';
import { behind, type Listed, listed, type Page } from './page.ts';

export type WebhookState = 'active' | 'paused' | 'disabled';

export interface WebhookRow {
  readonly id: string;
  readonly createdAt: number;
  readonly changedAt: number;
  readonly state: WebhookState;
  /** Why it is disabled. */
  readonly problem: string | null;
  /** Only events after this one are its concern. */
  readonly fromSeq: number;
  readonly settings: unknown;
  readonly sealed: Uint8Array;
}

interface Row {
  readonly id: string;
  readonly created_at: number;
  readonly changed_at: number;
  readonly state: WebhookState;
  readonly problem: string | null;
  readonly from_seq: number;
  readonly settings: string;
  readonly sealed: ArrayBuffer;
}

const webhookOfRow = (row: Row): WebhookRow => ({
  id: row.id,
  createdAt: row.created_at,
  changedAt: row.changed_at,
  state: row.state,
  problem: row.problem,
  fromSeq: row.from_seq,
  settings: JSON.parse(row.settings) as unknown,
  sealed: new Uint8Array(row.sealed),
});

export interface NewWebhook {
  readonly id: string;
  readonly fromSeq: number;
  readonly settings: object;
  readonly sealed: Uint8Array;
}

export function insertWebhook(db: Database, made: NewWebhook, now: number): void {
  const sql = `INSERT INTO webhooks (id, created_at, changed_at, state, from_seq, settings, sealed)
    VALUES (?, ?, ?, 'active', ?, ?, ?)`;
  db.run(sql, made.id, now, now, made.fromSeq, JSON.stringify(made.settings), made.sealed);
}

export function webhookOf(db: Database, id: string): WebhookRow | null {
  const row = db.get<Row>('SELECT * FROM webhooks WHERE id = ?', id);
  return row === undefined ? null : webhookOfRow(row);
}

export function listWebhooks(db: Database, page: Page): Listed<WebhookRow> {
  const from = behind(page.after, 'created_at');
  const rows = db.all<Row>(
    `SELECT * FROM webhooks WHERE 1${from.sql} ORDER BY created_at DESC, id DESC LIMIT ?`,
    ...from.values,
    page.limit + 1,
  );
  return listed(rows, page.limit, {
    item: webhookOfRow,
    cursor: ({ created_at, id }) => ({ at: created_at, id }),
  });
}

export const activeWebhooks = (db: Database): WebhookRow[] =>
  db
    .all<Row>("SELECT * FROM webhooks WHERE state = 'active' ORDER BY created_at, id")
    .map(webhookOfRow);

const STATES: readonly WebhookState[] = ['active', 'paused', 'disabled'];

/** For /metrics. */
export const countWebhooks = (
  db: Database,
): { readonly state: WebhookState; readonly n: number }[] =>
  STATES.map((state) => ({
    state,
    n: db.get<{ n: number }>('SELECT count(*) AS n FROM webhooks WHERE state = ?', state)?.n ?? 0,
  }));

export interface WebhookChange {
  readonly settings?: object;
  readonly sealed?: Uint8Array;
  readonly state?: WebhookState;
  readonly problem?: string | null;
}

/** False: there is none of this id. */
export function changeWebhook(
  db: Database,
  id: string,
  change: WebhookChange,
  now: number,
): boolean {
  const columns: (readonly [string, Value])[] = [['changed_at', now]];
  if (change.settings !== undefined) columns.push(['settings', JSON.stringify(change.settings)]);
  if (change.sealed !== undefined) columns.push(['sealed', change.sealed]);
  if (change.state !== undefined) columns.push(['state', change.state]);
  if (change.problem !== undefined) columns.push(['problem', change.problem]);
  const set = columns.map(([name]) => `${name} = ?`).join(', ');
  const values = columns.map(([, value]) => value);
  return db.run(`UPDATE webhooks SET ${set} WHERE id = ?`, ...values, id) > 0;
}

/** With it go its deliveries and alerts. */
export const deleteWebhook = (db: Database, id: string): boolean =>
  db.run('DELETE FROM webhooks WHERE id = ?', id) > 0;

/** How far the outbox has been followed. */
export const webhookCursor = (db: Database): number =>
  db.get<{ seq: number }>('SELECT seq FROM webhook_cursor')?.seq ?? 0;

export const moveWebhookCursor = (db: Database, seq: number): void => {
  db.run(
    'INSERT INTO webhook_cursor VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET seq = ?',
    seq,
    seq,
  );
};

/** Muted paths raise no webhook. */
export const isMuted = (db: Database, path: string, now: number): boolean =>
  db.get('SELECT 1 AS muted FROM paths WHERE id = ? AND muted_until > ?', path, now) !== undefined;

/** The JSON of a path as it stands; null where none is stored. */
export function pathBody(db: Database, path: string): Readonly<Record<string, unknown>> | null {
  const row = db.get<{ body: string }>('SELECT body FROM paths WHERE id = ?', path);
  return row === undefined ? null : (JSON.parse(row.body) as Record<string, unknown>);
}
