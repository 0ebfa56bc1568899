/** The open alerts of grouped subscriptions, one a path, and which kills they have counted. */
import type { Database } from './database.ts';

export interface AlertRow {
  readonly webhook: string;
  readonly path: string;
  /** When something is to be said again, or when it is over; milliseconds. */
  readonly dueAt: number;
  /** JSON of the webhook stage. */
  readonly state: unknown;
  /** JSON of the latest kill. */
  readonly finding: unknown;
}

interface Row {
  readonly webhook: string;
  readonly path: string;
  readonly due_at: number;
  readonly state: string;
  readonly finding: string;
}

const alertOfRow = ({ webhook, path, due_at, state, finding }: Row): AlertRow => ({
  webhook,
  path,
  dueAt: due_at,
  state: JSON.parse(state) as unknown,
  finding: JSON.parse(finding) as unknown,
});

export function alertOf(db: Database, webhook: string, path: string): AlertRow | null {
  const sql = 'SELECT * FROM webhook_alerts WHERE webhook = ? AND path = ?';
  const row = db.get<Row>(sql, webhook, path);
  return row === undefined ? null : alertOfRow(row);
}

export const dueAlerts = (db: Database, now: number, limit: number): AlertRow[] =>
  db
    .all<Row>('SELECT * FROM webhook_alerts WHERE due_at <= ? ORDER BY due_at LIMIT ?', now, limit)
    .map(alertOfRow);

export function storeAlert(db: Database, { webhook, path, dueAt, state, finding }: AlertRow): void {
  const sql = `INSERT INTO webhook_alerts VALUES (?, ?, ?, ?, ?) ON CONFLICT (webhook, path)
    DO UPDATE SET due_at = excluded.due_at, state = excluded.state, finding = excluded.finding`;
  db.run(sql, webhook, path, dueAt, JSON.stringify(state), JSON.stringify(finding));
}

export const deleteAlert = (db: Database, webhook: string, path: string): void => {
  db.run('DELETE FROM webhook_alerts WHERE webhook = ? AND path = ?', webhook, path);
};

/** True the first time: a finding that comes again is no second kill. */
export const countKill = (db: Database, webhook: string, finding: string, now: number): boolean =>
  db.run(
    'INSERT INTO webhook_kills VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    webhook,
    finding,
    now,
  ) > 0;

export const forgetKills = (db: Database, before: number, limit: number): number =>
  db.run(
    `DELETE FROM webhook_kills WHERE (webhook, finding) IN
       (SELECT webhook, finding FROM webhook_kills WHERE at < ? LIMIT ?)`,
    before,
    limit,
  );
