/**
 * Findings, one row an id. The same death may be handed in any number of times, by a retried batch, by the same capture
 * once more, by a second agent at the same vantage: it is stored once, and replaced only by a higher `update`. What
 * people added (acknowledged, comment) outlives an update. The same death at another vantage has another id; both are
 * linked as twins where their place in both streams is the same (`flow.sequence`) or the judge said so (`sameAs`).
 */
import type { FindingReport } from '../schema.ts';
import { addressKey } from './address-key.ts';
import type { Database } from './database.ts';
import { appendEvent } from './events.ts';
import { type FindingFilter, findingRows } from './finding-list.ts';
import { type Listed, listed, type Page } from './page.ts';

/** Where it came from; both null for none. */
export interface Origin {
  readonly job: string | null;
  readonly agent: string | null;
}

export interface FindingRow {
  readonly id: string;
  readonly revision: number;
  readonly at: number;
  readonly job: string | null;
  readonly agent: string | null;
  readonly created_at: number;
  readonly changed_at: number;
  readonly acknowledged_at: number | null;
  readonly acknowledged_by: string | null;
  readonly comment: string | null;
  readonly body: string;
}

/** As the API shows it: the contract's finding, and what the store knows beside it. */
export interface StoredFinding extends FindingReport {
  readonly job: string | null;
  readonly agent: string | null;
  readonly storedAt: string;
  readonly changedAt: string;
  readonly acknowledged: { readonly at: string; readonly by: string | null } | null;
  readonly comment: string | null;
  readonly hasEvidence: boolean;
}

/** When it was dead: milliseconds on the capture clock. */
export const deathAt = ({ ending, silence }: FindingReport): number =>
  Date.parse(ending.at ?? silence.endedAt);

/** Chosen: clocks of two vantages further apart than this are taken for two deaths. */
const TWIN_WITHIN_MS = 15 * 60 * 1000;

/** Chosen: a death has as many twins as there are vantages; more is no correlation. */
const MOST_TWINS = 16;

function link(db: Database, id: string, twin: string): void {
  if (id === twin) return;
  const sql = 'INSERT OR IGNORE INTO finding_twins VALUES (?, ?)';
  db.run(sql, id, twin);
  db.run(sql, twin, id);
}

function linkTwins(db: Database, finding: FindingReport, now: number): void {
  for (const twin of finding.sameAs) link(db, finding.id, twin);
  const { sequence } = finding.flow;
  if (sequence === undefined) return;
  const at = deathAt(finding);
  const rows = db.all<{ id: string }>(
    `SELECT id FROM findings WHERE sequence = ? AND id <> ? AND at BETWEEN ? AND ? LIMIT ${MOST_TWINS}`,
    sequence,
    finding.id,
    at - TWIN_WITHIN_MS,
    at + TWIN_WITHIN_MS,
  );
  for (const { id } of rows) {
    link(db, finding.id, id);
    db.run('UPDATE findings SET changed_at = ? WHERE id = ?', now, id);
  }
}

function columnsOf(finding: FindingReport): readonly (string | number | null)[] {
  const { flow } = finding;
  return [
    finding.update,
    deathAt(finding),
    finding.path,
    finding.signature,
    finding.verdict,
    finding.confidence,
    addressKey(flow.originator.address) ?? '',
    flow.originator.port,
    addressKey(flow.responder.address) ?? '',
    flow.responder.port,
    flow.sequence ?? null,
    finding.silence.seconds,
    JSON.stringify(finding),
  ];
}

const INSERT = `INSERT INTO findings (revision, at, path, signature, verdict, confidence, originator_key, originator_port,
    responder_key, responder_port, sequence, silence_seconds, body, id, job, agent, created_at, changed_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const UPDATE = `UPDATE findings SET revision = ?, at = ?, path = ?, signature = ?, verdict = ?, confidence = ?,
    originator_key = ?, originator_port = ?, responder_key = ?, responder_port = ?, sequence = ?, silence_seconds = ?,
    body = ?, changed_at = ? WHERE id = ?`;

export type Stored = 'created' | 'updated' | 'known';

/** In the transaction of its batch. The event tells the finding as it came. */
export function storeFinding(
  db: Database,
  finding: FindingReport,
  { job, agent }: Origin,
  now: number,
): Stored {
  const known = db.get<{ revision: number }>(
    'SELECT revision FROM findings WHERE id = ?',
    finding.id,
  );
  if (known !== undefined && known.revision >= finding.update) return 'known';
  const columns = columnsOf(finding);
  if (known === undefined) db.run(INSERT, ...columns, finding.id, job, agent, now, now);
  else db.run(UPDATE, ...columns, now, finding.id);
  linkTwins(db, finding, now);
  const type = known === undefined ? 'finding.created' : 'finding.updated';
  appendEvent(db, { type, subject: finding.id, data: finding }, now);
  return known === undefined ? 'created' : 'updated';
}

const iso = (ms: number): string => new Date(ms).toISOString();

function stored(db: Database, row: FindingRow): StoredFinding {
  const finding = JSON.parse(row.body) as FindingReport;
  const twins = db.all<{ twin: string }>('SELECT twin FROM finding_twins WHERE id = ?', row.id);
  const evidence = db.get('SELECT 1 AS there FROM evidence WHERE finding = ?', row.id);
  const { acknowledged_at: at, acknowledged_by: by } = row;
  return {
    ...finding,
    sameAs: [...new Set([...finding.sameAs, ...twins.map(({ twin }) => twin)])].sort(),
    job: row.job,
    agent: row.agent,
    storedAt: iso(row.created_at),
    changedAt: iso(row.changed_at),
    acknowledged: at === null ? null : { at: iso(at), by },
    comment: row.comment,
    hasEvidence: evidence !== undefined,
  };
}

export function findingOf(db: Database, id: string): StoredFinding | null {
  const row = db.get<FindingRow>('SELECT * FROM findings WHERE id = ?', id);
  return row === undefined ? null : stored(db, row);
}

export function listFindings(
  db: Database,
  filter: FindingFilter,
  page: Page,
): Listed<StoredFinding> {
  return listed(findingRows(db, filter, page), page.limit, {
    item: (row) => stored(db, row),
    cursor: ({ at, id }) => ({ at, id }),
  });
}

/** What a person may change; what is left out stays. */
export interface FindingChange {
  readonly acknowledged?: boolean | undefined;
  readonly comment?: string | null | undefined;
}

/** False when there is no such finding. */
export function changeFinding(
  db: Database,
  id: string,
  { acknowledged, comment }: FindingChange,
  { by, now }: { readonly by: string | null; readonly now: number },
): boolean {
  return db.transaction(() => {
    if (db.run('UPDATE findings SET changed_at = ? WHERE id = ?', now, id) === 0) return false;
    if (acknowledged !== undefined) {
      const sql = 'UPDATE findings SET acknowledged_at = ?, acknowledged_by = ? WHERE id = ?';
      db.run(sql, acknowledged ? now : null, acknowledged ? by : null, id);
    }
    if (comment !== undefined) db.run('UPDATE findings SET comment = ? WHERE id = ?', comment, id);
    return true;
  });
}
