/**
 * Paths, their T over time, and their observations.
 *
 * Several sources know a path: every capture in which it was seen, every agent that watches it. Each source's word
 * replaces its own former one and nothing else, so that a capture analysed twice (a source is the content, not the job)
 * counts once. What a path shows is the word of the newest source that has an estimate, else a bound, else of the newest;
 * kills, survivors and observations are those of all sources together. T's history gets a row whenever that moved.
 */
import type { PathReport } from '../schema.ts';
import type { Database } from './database.ts';
import { appendEvent } from './events.ts';
import { mergedObservations, storeObservations } from './observations.ts';
import { behind, type Listed, listed, type Page } from './page.ts';
import { appendHistory, historyOf, type PathMoment } from './path-history.ts';

export interface PathSource {
  /** `capture:<sha-256>` or `agent:<id>` */
  readonly source: string;
  /** How far its evidence reaches, milliseconds on the capture clock. */
  readonly untilAt: number;
}

/** As the API shows it. */
export interface StoredPath extends PathReport {
  readonly lastKilledAt: string | null;
  readonly storedAt: string;
  readonly changedAt: string;
  readonly mutedUntil: string | null;
  readonly comment: string | null;
  readonly sources: number;
}

export interface PathDetail extends StoredPath {
  readonly history: readonly PathMoment[];
}

interface PathRow {
  readonly id: string;
  readonly killed: number;
  readonly survived: number;
  readonly last_killed_at: number;
  readonly created_at: number;
  readonly changed_at: number;
  readonly muted_until: number | null;
  readonly comment: string | null;
  readonly body: string;
  readonly sources: number;
}

interface SourceRow {
  readonly source: string;
  readonly killed: number;
  readonly survived: number;
  readonly body: string;
}

/** Observations have a table of their own. */
const bodyOf = (path: PathReport): string => JSON.stringify({ ...path, observations: null });

function storeSource(db: Database, path: PathReport, from: PathSource, now: number): void {
  db.run(
    `INSERT INTO path_sources VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (path, source) DO UPDATE SET until_at = max(until_at, excluded.until_at), killed = excluded.killed,
       survived = excluded.survived, stored_at = excluded.stored_at, body = excluded.body`,
    path.id,
    from.source,
    from.untilAt,
    path.killed,
    path.survived,
    now,
    bodyOf(path),
  );
  storeObservations(db, path, from.source);
}

const RANK: Readonly<Record<PathReport['timeout']['status'], number>> = {
  estimated: 0,
  bounded: 1,
  refused: 2,
};

/** A source's word on a path, read once. */
interface Word {
  readonly source: string;
  readonly path: PathReport;
}

/** `words`: newest evidence first. */
function leading(words: readonly Word[]): Word | undefined {
  return [...words].sort((a, b) => RANK[a.path.timeout.status] - RANK[b.path.timeout.status])[0];
}

const lastKillOf = (db: Database, path: string): number =>
  db.get<{ at: number }>(
    `SELECT at FROM findings WHERE path = ? AND verdict IN ('box-timeout', 'possible-box-timeout')
     ORDER BY at DESC, id DESC LIMIT 1`,
    path,
  )?.at ?? 0;

/** The path's row from its sources' words; the word that leads. */
function settle(db: Database, id: string, now: number): { path: PathReport; source: string } {
  const rows = db.all<SourceRow>(
    'SELECT source, killed, survived, body FROM path_sources WHERE path = ? ORDER BY until_at DESC, source',
    id,
  );
  const words = rows.map(({ source, body }) => ({ source, path: JSON.parse(body) as PathReport }));
  const lead = leading(words);
  if (lead === undefined) throw new Error(`path ${id} has no source`);
  const path = words.some(({ path: { boxSeen } }) => boxSeen === true)
    ? { ...lead.path, boxSeen: true }
    : lead.path;
  const { status, estimateSeconds, lowSeconds, highSeconds } = path.timeout;
  db.run(
    `UPDATE paths SET status = ?, estimate_seconds = ?, low_seconds = ?, high_seconds = ?, killed = ?, survived = ?,
       last_killed_at = ?, changed_at = ?, body = ? WHERE id = ?`,
    status,
    estimateSeconds,
    lowSeconds,
    highSeconds,
    rows.reduce((sum, { killed }) => sum + killed, 0),
    rows.reduce((sum, { survived }) => sum + survived, 0),
    lastKillOf(db, id),
    now,
    JSON.stringify(path),
    id,
  );
  return { path, source: lead.source };
}

const isOutside = (
  now: PathReport['timeout'],
  former: Pick<PathMoment, 'lowSeconds' | 'highSeconds'>,
): boolean => {
  const at = now.estimateSeconds;
  if (at === null) return false;
  const { lowSeconds: low, highSeconds: high } = former;
  return (low !== null && at < low) || (high !== null && at > high);
};

function tell(db: Database, path: PathReport, former: PathMoment | null, now: number): void {
  if (path.timeout.status !== 'estimated') return;
  const data = { ...path, observations: null };
  const subject = path.id;
  if (former === null) appendEvent(db, { type: 'path.estimated', subject, data }, now);
  else if (isOutside(path.timeout, former)) {
    appendEvent(db, { type: 'path.changed', subject, data: { ...data, former } }, now);
  }
}

const INSERT = `INSERT INTO paths (id, responder_port, status, killed, survived, created_at, changed_at, body)
  VALUES (?, ?, 'refused', 0, 0, ?, ?, '{}') ON CONFLICT DO NOTHING`;

/** In the transaction of its batch, after the batch's findings. */
export function storePath(db: Database, path: PathReport, from: PathSource, now: number): void {
  db.run(INSERT, path.id, path.responder.port, now, now);
  storeSource(db, path, from, now);
  const settled = settle(db, path.id, now);
  const moment = { path: settled.path, source: settled.source, now };
  const { formerEstimate, moved } = appendHistory(db, moment);
  if (moved) tell(db, settled.path, formerEstimate, now);
}

const isoOrNull = (ms: number | null): string | null =>
  ms === null || ms === 0 ? null : new Date(ms).toISOString();

function stored(row: PathRow): StoredPath {
  const body = JSON.parse(row.body) as PathReport;
  return {
    ...body,
    killed: row.killed,
    survived: row.survived,
    lastKilledAt: isoOrNull(row.last_killed_at),
    storedAt: new Date(row.created_at).toISOString(),
    changedAt: new Date(row.changed_at).toISOString(),
    mutedUntil: isoOrNull(row.muted_until),
    comment: row.comment,
    sources: row.sources,
  };
}

const COLUMNS = `*, (SELECT count(*) FROM path_sources WHERE path = paths.id) AS sources`;

export function pathOf(db: Database, id: string): PathDetail | null {
  const row = db.get<PathRow>(`SELECT ${COLUMNS} FROM paths WHERE id = ?`, id);
  if (row === undefined) return null;
  return { ...stored(row), observations: mergedObservations(db, id), history: historyOf(db, id) };
}

/** Those whose last kill is newest first; without observations, which only one path at a time has. */
export function listPaths(db: Database, page: Page, status: string | null): Listed<StoredPath> {
  const from = behind(page.after, 'last_killed_at');
  const only = status === null ? '' : ' AND status = ?';
  const rows = db.all<PathRow>(
    `SELECT ${COLUMNS} FROM paths WHERE 1${only}${from.sql} ORDER BY last_killed_at DESC, id DESC LIMIT ?`,
    ...(status === null ? [] : [status]),
    ...from.values,
    page.limit + 1,
  );
  const cursor = ({ last_killed_at, id }: PathRow) => ({ at: last_killed_at, id });
  return listed(rows, page.limit, { item: stored, cursor });
}

/** What a person may change; what is left out stays. */
export interface PathChange {
  /** Milliseconds since 1970; null to hear of it again. */
  readonly mutedUntil?: number | null | undefined;
  readonly comment?: string | null | undefined;
}

/** False when there is no such path. */
export function changePath(db: Database, id: string, change: PathChange, now: number): boolean {
  const { mutedUntil, comment } = change;
  return db.transaction(() => {
    if (db.run('UPDATE paths SET changed_at = ? WHERE id = ?', now, id) === 0) return false;
    if (mutedUntil !== undefined)
      db.run('UPDATE paths SET muted_until = ? WHERE id = ?', mutedUntil, id);
    if (comment !== undefined) db.run('UPDATE paths SET comment = ? WHERE id = ?', comment, id);
    return true;
  });
}

/** Muted: no webhook, still counted. */
export const isMuted = (db: Database, path: string, now: number): boolean =>
  db.get('SELECT 1 AS muted FROM paths WHERE id = ? AND muted_until > ?', path, now) !== undefined;
