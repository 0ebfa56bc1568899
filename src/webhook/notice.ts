/**
 * What a delivery says: one event, or where the alert of a path stands.
 *
 * Both have the form of the Standard Webhooks specification: type, timestamp, data. The id is a hash
 * of subscription and event, so that retries, redelivery and a second analysis of the same capture
 * come under one id.
 */
import { createHash } from 'node:crypto';
import type { FindingReport, PathReport } from '../report/schema.ts';
import type { EventType, StoredEvent } from '../report/store/events.ts';

/** Of a subscription with `group: "path"`. `webhook.test` is sent on demand. */
export type NoticeType =
  | EventType
  | 'alert.firing'
  | 'alert.updated'
  | 'alert.resolved'
  | 'webhook.test';

/** The state of one path's alert, whole in every message: a lost message costs nothing. */
export interface Alert {
  readonly path: string;
  readonly status: 'firing' | 'resolved';
  /** Kills since the alert began. */
  readonly kills: number;
  /** RFC 3339, wall clock: when the first and the last kill were learnt of. */
  readonly startedAt: string;
  readonly lastKillAt: string;
  readonly resolvedAt: string | null;
  /** Of the first kill: they name the alert and so do not change while it lasts. */
  readonly responder: { readonly address: string; readonly port: number };
  readonly capturePoint: string | null;
  /** What is known of the idle timeout when the message is written. */
  readonly timeout: PathReport['timeout'] | null;
  /** The latest kill. */
  readonly finding: FindingReport;
}

export type Notice =
  | {
      readonly kind: 'event';
      readonly type: Exclude<NoticeType, `alert.${string}`>;
      readonly timestamp: string;
      readonly data: Readonly<Record<string, unknown>>;
    }
  | {
      readonly kind: 'alert';
      readonly type: Extract<NoticeType, `alert.${string}`>;
      readonly timestamp: string;
      readonly data: Alert;
    };

const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

/**
 * What makes two events one. A finding is created once and has each update once; a job ends once;
 * anything else may come again with the same data and is told by its place in the outbox.
 */
export function eventKey({ type, subject, data, seq }: StoredEvent): string {
  if (type === 'finding.created') return createdKey(subject);
  if (type === 'finding.updated') return `${type} ${subject} ${text(data['update'])}`;
  return type.startsWith('job.') ? `${type} ${subject}` : `${type} ${seq}`;
}

/** Also of an update by which a finding first passes the filter of a subscription. */
export const createdKey = (finding: string): string => `finding.created ${finding}`;

/** `key`: of the event, or of one message of an alert. 128 bits of SHA-256; no "." (it is signed with dots). */
export function webhookId(subscription: string, key: string): string {
  const hash = createHash('sha256').update(`${subscription}\n${key}`).digest('hex');
  return `msg_${hash.slice(0, 32)}`;
}
