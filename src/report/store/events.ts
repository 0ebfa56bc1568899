/**
 * The outbox: what happened, in one order, written in the transaction in which it happened. SSE and webhooks follow it
 * from wherever they stand; `seq` never comes twice, also after the newest rows were deleted.
 */
import type { Database } from './database.ts';

export const EVENT_TYPES = [
  'finding.created',
  'finding.updated',
  'path.estimated',
  'path.changed',
  'job.completed',
  'job.failed',
  'agent.silent',
  'agent.back',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** As the contract has it, and as SSE and the native webhook format send it. */
export interface Envelope {
  readonly type: EventType;
  /** RFC 3339 */
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface StoredEvent extends Envelope {
  readonly seq: number;
  /** id of the finding, path, job or agent */
  readonly subject: string;
}

interface EventRow {
  readonly seq: number;
  readonly type: EventType;
  readonly at: number;
  readonly subject: string;
  readonly data: string;
}

export interface Happening {
  readonly type: EventType;
  readonly subject: string;
  readonly data: object;
}

export function appendEvent(db: Database, { type, subject, data }: Happening, now: number): void {
  const sql = 'INSERT INTO events (type, at, subject, data) VALUES (?, ?, ?, ?)';
  db.run(sql, type, now, subject, JSON.stringify(data));
}

const storedEvent = ({ seq, type, at, subject, data }: EventRow): StoredEvent => ({
  seq,
  type,
  subject,
  timestamp: new Date(at).toISOString(),
  data: JSON.parse(data) as Record<string, unknown>,
});

/** In order, at most `limit`, those after `seq`. */
export const eventsAfter = (db: Database, seq: number, limit: number): StoredEvent[] =>
  db
    .all<EventRow>('SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ?', seq, limit)
    .map(storedEvent);

/** 0 before the first. */
export const lastSeq = (db: Database): number =>
  db.get<{ seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'events'")?.seq ?? 0;

export const eventOf = (db: Database, seq: number): StoredEvent | null => {
  const row = db.get<EventRow>('SELECT * FROM events WHERE seq = ?', seq);
  return row === undefined ? null : storedEvent(row);
};
