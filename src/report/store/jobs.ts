/**
 * Jobs: a capture that somebody handed in, and how far its analysis is. A state moves forward only, by the
 * functions here; what comes too late (progress of a cancelled job, a second completion) changes nothing.
 */
import { randomBytes } from 'node:crypto';
import type { Database } from './database.ts';
import { appendEvent } from './events.ts';
import { behind, type Listed, listed, type Page } from './page.ts';
import { countStates } from './tallies.ts';

export const JOB_STATES = ['queued', 'running', 'completed', 'failed', 'cancelled'] as const;

export type JobState = (typeof JOB_STATES)[number];

/** Why it failed: a code of docs/errors.md, a sentence, a hint. */
export interface JobProblem {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** What the submitter asked for; what is left out has the default of `deadair read`. */
export interface JobSettings {
  readonly shortestSeconds?: number;
  readonly filter?: string;
  readonly maxFlows?: number;
}

/** As the API shows it. */
export interface Job {
  readonly id: string;
  readonly state: JobState;
  readonly progress: {
    readonly bytes: number;
    readonly totalBytes: number;
    readonly findings: number;
  };
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  /** What the client called it: text for people, never a path. */
  readonly name: string | null;
  readonly source: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly settings: JobSettings;
  readonly attempts: number;
  readonly worker: string | null;
  readonly problem: JobProblem | null;
  readonly hasReport: boolean;
}

interface JobRow {
  readonly id: string;
  readonly state: JobState;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly finished_at: number | null;
  readonly changed_at: number;
  readonly name: string | null;
  readonly source: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly settings: string;
  readonly done_bytes: number;
  readonly findings: number;
  readonly attempts: number;
  readonly worker: string | null;
  readonly problem: string | null;
  readonly report_bytes: number | null;
}

const time = (ms: number): string => new Date(ms).toISOString();

const jobOfRow = (row: JobRow): Job => ({
  id: row.id,
  state: row.state,
  progress: { bytes: row.done_bytes, totalBytes: row.bytes, findings: row.findings },
  createdAt: time(row.created_at),
  startedAt: row.started_at === null ? null : time(row.started_at),
  finishedAt: row.finished_at === null ? null : time(row.finished_at),
  name: row.name,
  source: row.source,
  bytes: row.bytes,
  sha256: row.sha256,
  settings: JSON.parse(row.settings) as JobSettings,
  attempts: row.attempts,
  worker: row.worker,
  problem: row.problem === null ? null : (JSON.parse(row.problem) as JobProblem),
  hasReport: row.report_bytes !== null,
});

/** 80 bits of chance: nobody guesses one, and files can be named after it. */
export const newJobId = (): string => `j_${randomBytes(10).toString('hex')}`;

export const JOB_ID = /^j_[0-9a-f]{20}$/;

export interface NewJob {
  readonly id: string;
  readonly name: string | null;
  /** `api`, `inbox`, … */
  readonly source: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly settings: JobSettings;
}

export function insertJob(db: Database, job: NewJob, now: number): Job {
  const sql = `INSERT INTO jobs (id, state, created_at, changed_at, name, source, bytes, sha256, settings)
    VALUES (?, 'queued', ?, ?, ?, ?, ?, ?, ?)`;
  const { id, name, source, bytes, sha256 } = job;
  db.run(sql, id, now, now, name, source, bytes, sha256, JSON.stringify(job.settings));
  const made = jobOf(db, id);
  if (made === null) throw new Error('a job that was just made is not there');
  return made;
}

export function jobOf(db: Database, id: string): Job | null {
  const row = db.get<JobRow>('SELECT * FROM jobs WHERE id = ?', id);
  return row === undefined ? null : jobOfRow(row);
}

export function listJobs(db: Database, page: Page, state: JobState | null = null): Listed<Job> {
  const from = behind(page.after, 'created_at');
  const only = state === null ? '' : ' AND state = ?';
  const rows = db.all<JobRow>(
    `SELECT * FROM jobs WHERE 1${only}${from.sql} ORDER BY created_at DESC, id DESC LIMIT ?`,
    ...(state === null ? [] : [state]),
    ...from.values,
    page.limit + 1,
  );
  const cursor = ({ created_at, id }: JobRow) => ({ at: created_at, id });
  return listed(rows, page.limit, { item: jobOfRow, cursor });
}

/** Ids of a state, oldest first. */
export const jobIdsIn = (db: Database, state: JobState, limit: number): string[] =>
  db
    .all<{ id: string }>(
      'SELECT id FROM jobs WHERE state = ? ORDER BY created_at, id LIMIT ?',
      state,
      limit,
    )
    .map(({ id }) => id);

export const countJobs = (db: Database): { readonly state: JobState; readonly n: number }[] =>
  countStates(db, 'jobs');

/** One more attempt begins. False when the job is over or gone: then nothing is to be done. */
export const startJob = (db: Database, id: string, worker: string, now: number): boolean =>
  db.run(
    `UPDATE jobs SET state = 'running', worker = ?, attempts = attempts + 1, done_bytes = 0, findings = 0,
       started_at = coalesce(started_at, ?), changed_at = ? WHERE id = ? AND state IN ('queued', 'running')`,
    worker,
    now,
    now,
    id,
  ) > 0;

/** False when the job is not running any more: whoever works on it may stop. */
export const progressJob = (
  db: Database,
  id: string,
  { bytes, findings }: { readonly bytes: number; readonly findings: number },
  now: number,
): boolean =>
  db.run(
    `UPDATE jobs SET done_bytes = ?, findings = ?, changed_at = ? WHERE id = ? AND state = 'running'`,
    bytes,
    findings,
    now,
    id,
  ) > 0;

/** Back to the queue: its worker went away, which was not the fault of the capture. */
export const requeueJob = (db: Database, id: string, now: number): boolean =>
  db.run(
    `UPDATE jobs SET state = 'queued', worker = NULL, changed_at = ? WHERE id = ? AND state = 'running'`,
    now,
    id,
  ) > 0;

function finish(db: Database, id: string, type: 'job.completed' | 'job.failed', now: number): void {
  const job = jobOf(db, id);
  if (job !== null) appendEvent(db, { type, subject: id, data: job }, now);
}

/** `reportBytes`: of the report that lies ready. True when this call was the one that ended it. */
export const completeJob = (
  db: Database,
  id: string,
  { reportBytes, findings }: { readonly reportBytes: number; readonly findings: number },
  now: number,
): boolean =>
  db.transaction(() => {
    const changed = db.run(
      `UPDATE jobs SET state = 'completed', done_bytes = bytes, findings = ?, report_bytes = ?, problem = NULL,
         finished_at = ?, changed_at = ? WHERE id = ? AND state IN ('queued', 'running')`,
      findings,
      reportBytes,
      now,
      now,
      id,
    );
    if (changed > 0) finish(db, id, 'job.completed', now);
    return changed > 0;
  });

export const failJob = (db: Database, id: string, problem: JobProblem, now: number): boolean =>
  db.transaction(() => {
    const changed = db.run(
      `UPDATE jobs SET state = 'failed', problem = ?, finished_at = ?, changed_at = ?
         WHERE id = ? AND state IN ('queued', 'running')`,
      JSON.stringify(problem),
      now,
      now,
      id,
    );
    if (changed > 0) finish(db, id, 'job.failed', now);
    return changed > 0;
  });

/** A dead letter is tried again: attempts are counted anew. */
export const reviveJob = (db: Database, id: string, now: number): boolean =>
  db.run(
    `UPDATE jobs SET state = 'queued', problem = NULL, finished_at = NULL, attempts = 0, worker = NULL, changed_at = ?
       WHERE id = ? AND state = 'failed'`,
    now,
    id,
  ) > 0;

export const cancelJob = (db: Database, id: string, now: number): boolean =>
  db.run(
    `UPDATE jobs SET state = 'cancelled', finished_at = ?, changed_at = ? WHERE id = ? AND state IN ('queued', 'running')`,
    now,
    now,
    id,
  ) > 0;

/** What was stored of it stays: findings belong to their paths. */
export const deleteJob = (db: Database, id: string): boolean =>
  db.run(`DELETE FROM jobs WHERE id = ? AND state IN ('completed', 'failed', 'cancelled')`, id) > 0;
