/**
 * Sessions of browsers: a random token in a cookie, of which the store keeps only the SHA-256, so that reading the
 * store lets nobody in. They outlive a restart.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Database } from './database.ts';

export const SESSION_LIVES_MS = 12 * 3600 * 1000;

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

export function openSession(db: Database, role: string, now: number): string {
  const token = randomBytes(32).toString('base64url');
  db.run('DELETE FROM sessions WHERE expires_at <= ?', now);
  db.run(
    'INSERT INTO sessions VALUES (?, ?, ?, ?)',
    hashOf(token),
    role,
    now,
    now + SESSION_LIVES_MS,
  );
  return token;
}

/** The role of a session that is still good. */
export const sessionRole = (db: Database, token: string, now: number): string | null =>
  db.get<{ role: string }>(
    'SELECT role FROM sessions WHERE token_hash = ? AND expires_at > ?',
    hashOf(token),
    now,
  )?.role ?? null;

export const closeSession = (db: Database, token: string): void =>
  void db.run('DELETE FROM sessions WHERE token_hash = ?', hashOf(token));
