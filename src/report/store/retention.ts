/**
 * What is deleted, and when: everything has an age after which it goes, and the store a size that it does not outgrow.
 * Deleted in small transactions with pauses between them, so that whoever writes waits milliseconds; paths, their history
 * and webhooks stay. Findings that people acknowledged or commented go by the same rules as others.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from './database.ts';
import { deleteJob, JOB_ID } from './jobs.ts';
import { removeJobFiles } from './places.ts';

export interface RetentionRules {
  readonly findingDays: number;
  /** Packets of findings. */
  readonly evidenceDays: number;
  /** The outbox: as far back as SSE and a webhook that was switched off can go. */
  readonly eventDays: number;
  /** Captures and reports of jobs that are over. */
  readonly jobDays: number;
  readonly historyDays: number;
  /** Of the store; then the oldest packets go, then events, then findings. */
  readonly mostBytes: number;
}

/** The stated defaults (docs/api.md). Chosen: half a year of findings is some GB for a busy gateway. */
export const RETENTION: RetentionRules = {
  findingDays: 180,
  evidenceDays: 30,
  eventDays: 14,
  jobDays: 30,
  historyDays: 1100,
  mostBytes: 10 * 1024 ** 3,
};

const DAY_MS = 24 * 3600 * 1000;
/** Chosen: some ten milliseconds. */
const ROWS_AT_ONCE = 500;
const PAUSE_MS = 20;
const PAGES_AT_ONCE = 2000;
/** A batch is asked for by the worker that sent it, and by nobody after some days. */
const BATCH_DAYS = 7;
/** A capture without a job: the process died between its rename and its row. */
const ORPHAN_MS = 3600 * 1000;

export interface Pruned {
  readonly findings: number;
  readonly evidence: number;
  readonly events: number;
  readonly history: number;
  readonly batches: number;
  readonly jobs: number;
  readonly orphans: number;
}

interface Work {
  readonly db: Database;
  readonly data: string;
  readonly now: number;
  readonly signal: AbortSignal;
}

/** Twins of findings that are gone go with them. */
function deleteFindings(db: Database, where: string, values: readonly number[]): number {
  return db.transaction(() => {
    const ids = db.all<{ id: string }>(
      `SELECT id FROM findings ${where} LIMIT ${ROWS_AT_ONCE}`,
      ...values,
    );
    for (const { id } of ids) {
      const twins = db.all<{ twin: string }>('SELECT twin FROM finding_twins WHERE id = ?', id);
      for (const { twin } of twins)
        db.run('DELETE FROM finding_twins WHERE id = ? AND twin = ?', twin, id);
      db.run('DELETE FROM finding_twins WHERE id = ?', id);
      db.run('DELETE FROM findings WHERE id = ?', id);
    }
    return ids.length;
  });
}

const deleteRows = (db: Database, table: string, key: string, where: string, before: number) =>
  db.run(
    `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE ${where} < ? LIMIT ${ROWS_AT_ONCE})`,
    before,
  );

/** Slice after slice until one is not full; how many rows in all. */
async function slices({ signal }: Work, slice: () => number): Promise<number> {
  let total = 0;
  while (!signal.aborted) {
    const n = slice();
    total += n;
    if (n < ROWS_AT_ONCE) break;
    await sleep(PAUSE_MS);
  }
  return total;
}

function deleteJobs({ db, data, now }: Work, days: number): number {
  const ids = db.all<{ id: string }>(
    `SELECT id FROM jobs WHERE state IN ('completed', 'failed', 'cancelled') AND created_at < ? LIMIT ${ROWS_AT_ONCE}`,
    now - days * DAY_MS,
  );
  for (const { id } of ids) {
    deleteJob(db, id);
    removeJobFiles(data, id);
  }
  return ids.length;
}

function deleteOrphans({ db, data, now }: Work): number {
  const folder = join(data, 'captures');
  const orphans = readdirSync(folder).filter((name) => {
    if (!JOB_ID.test(name)) return false;
    const age = now - (statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? now);
    return age > ORPHAN_MS && db.get('SELECT 1 FROM jobs WHERE id = ?', name) === undefined;
  });
  for (const name of orphans) removeJobFiles(data, name);
  return orphans.length;
}

/** Bytes in use, free pages not counted. */
export function storeBytes(db: Database): number {
  const pragma = (name: string) =>
    Object.values(db.get<Record<string, number>>(`PRAGMA ${name}`) ?? {})[0] ?? 0;
  return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size');
}

async function shrink(
  work: Work,
  most: number,
): Promise<Pick<Pruned, 'findings' | 'evidence' | 'events'>> {
  const { db, signal } = work;
  const oldest = (table: string, key: string, order: string) => () =>
    db.run(
      `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} ORDER BY ${order} LIMIT ${ROWS_AT_ONCE})`,
    );
  const until = async (slice: () => number): Promise<number> => {
    let total = 0;
    while (!signal.aborted && storeBytes(db) > most) {
      const n = slice();
      if (n === 0) break;
      total += n;
      await sleep(PAUSE_MS);
    }
    return total;
  };
  return {
    evidence: await until(oldest('evidence', 'finding', 'stored_at')),
    events: await until(oldest('events', 'seq', 'at')),
    findings: await until(() => deleteFindings(db, 'ORDER BY created_at', [])),
  };
}

/** Gives free pages back to the file system, some at a time. */
async function giveBack({ db, signal }: Work): Promise<void> {
  const free = () =>
    db.get<{ freelist_count: number }>('PRAGMA freelist_count')?.freelist_count ?? 0;
  for (let before = free(); before > PAGES_AT_ONCE && !signal.aborted; ) {
    db.all(`PRAGMA incremental_vacuum(${PAGES_AT_ONCE})`);
    await sleep(PAUSE_MS);
    const after = free();
    if (after >= before) return;
    before = after;
  }
}

/** On a connection of its own: it blocks its thread. */
export async function prune(work: Work, rules: RetentionRules): Promise<Pruned> {
  const { db, now } = work;
  const before = (days: number) => now - days * DAY_MS;
  const rows = (table: string, key: string, where: string, days: number) =>
    slices(work, () => deleteRows(db, table, key, where, before(days)));
  const pruned = {
    evidence: await rows('evidence', 'finding', 'stored_at', rules.evidenceDays),
    events: await rows('events', 'seq', 'at', rules.eventDays),
    history: await rows('path_history', 'seq', 'at', rules.historyDays),
    batches: await rows('batches', 'id', 'accepted_at', BATCH_DAYS),
    findings: await slices(work, () =>
      deleteFindings(db, 'WHERE created_at < ? ORDER BY created_at', [before(rules.findingDays)]),
    ),
    jobs: await slices(work, () => deleteJobs(work, rules.jobDays)),
    orphans: deleteOrphans(work),
  };
  const shrunk = await shrink(work, rules.mostBytes);
  await giveBack(work);
  return {
    ...pruned,
    evidence: pruned.evidence + shrunk.evidence,
    events: pruned.events + shrunk.events,
    findings: pruned.findings + shrunk.findings,
  };
}
