/**
 * Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): the same key and content within 24 h is the same job,
 * also for a client that lost our first answer; the same key with other content is a mistake.
 */
import type { Database } from './database.ts';

export const KEY_LIVES_MS = 24 * 3600 * 1000;

export type KeyAnswer =
  | { readonly kind: 'new' }
  | { readonly kind: 'same'; readonly job: string }
  | { readonly kind: 'other-content' };

/** `fingerprint`: of content and settings. To be called in the transaction that makes the job. */
export function claimKey(
  db: Database,
  { key, fingerprint, job }: { key: string; fingerprint: string; job: string },
  now: number,
): KeyAnswer {
  db.run('DELETE FROM idempotency WHERE created_at <= ?', now - KEY_LIVES_MS);
  const known = db.get<{ fingerprint: string; job: string }>(
    'SELECT fingerprint, job FROM idempotency WHERE key = ?',
    key,
  );
  if (known === undefined) {
    db.run('INSERT INTO idempotency VALUES (?, ?, ?, ?)', key, fingerprint, job, now);
    return { kind: 'new' };
  }
  if (known.fingerprint !== fingerprint) return { kind: 'other-content' };
  return { kind: 'same', job: known.job };
}

export const forgetKey = (db: Database, key: string): void =>
  void db.run('DELETE FROM idempotency WHERE key = ?', key);
