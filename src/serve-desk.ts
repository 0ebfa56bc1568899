/**
 * Where a worker gets its jobs' particulars and leaves their results: beside the store on the same machine, or over the
 * API of a server elsewhere (work-desk.ts).
 */
import { cpSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FindingsBatch } from './queue/payload.ts';
import type { Producer } from './queue/producer.ts';
import { isAccepted } from './report/intake/accept.ts';
import type { Database } from './report/store/database.ts';
import {
  completeJob,
  failJob,
  type JobProblem,
  type JobSettings,
  jobOf,
  progressJob,
  startJob,
} from './report/store/jobs.ts';
import { captureFile, reportFolder, syncFolder } from './report/store/places.ts';

export interface Ticket {
  readonly job: string;
  readonly name: string;
  readonly settings: JobSettings;
  /** Here, readable. */
  readonly capture: string;
}

export interface Desk {
  /** Null: the job is over or gone, nothing is to be done. `folder`: where a fetched capture may be put. */
  begin(job: string, folder: string, signal: AbortSignal): Promise<Ticket | null>;
  /** False: it was cancelled. */
  progress(job: string, bytes: number, findings: number): Promise<boolean>;
  /** Resolves when it is stored. */
  deliver(batch: FindingsBatch, signal: AbortSignal): Promise<void>;
  /** `forms`: files in `folder`. After everything was delivered. */
  complete(
    job: string,
    result: { folder: string; forms: readonly string[]; bytes: number; findings: number },
  ): Promise<void>;
  fail(job: string, problem: JobProblem): Promise<void>;
}

const ASK_MS = { first: 5, most: 200 } as const;
/** Chosen: a batch that is neither stored nor on the queue by then is put there again. */
const LOST_MS = 5000;

export interface LocalDeskOptions {
  readonly data: string;
  readonly db: Database;
  readonly producer: Producer;
  /** Of this worker, for people. */
  readonly worker: string;
}

/** Until Redis takes it; the batch has an id, so once too often is harmless. */
async function enqueue(
  producer: Producer,
  batch: FindingsBatch,
  signal: AbortSignal,
): Promise<void> {
  while (true) {
    signal.throwIfAborted();
    try {
      await producer.add('findings', [{ id: batch.id, payload: batch }]);
      return;
    } catch (thrown) {
      if ((thrown as { code?: string }).code === 'E_PAYLOAD') throw thrown;
      await sleep(500, undefined, { signal });
    }
  }
}

/** Puts a batch there again that Redis lost; the signal's reason is thrown when it took too long. */
export async function untilStored(
  { db, producer }: Pick<LocalDeskOptions, 'db' | 'producer'>,
  batch: FindingsBatch,
  signal: AbortSignal,
): Promise<void> {
  let waitMs: number = ASK_MS.first;
  let askedAt = performance.now();
  while (!isAccepted(db, batch.id)) {
    await sleep(waitMs, undefined, { signal });
    waitMs = Math.min(ASK_MS.most, waitMs * 2);
    if (performance.now() - askedAt < LOST_MS) continue;
    askedAt = performance.now();
    const state = await producer.state('findings', batch.id).catch(() => 'waiting');
    if (state === 'unknown' && !isAccepted(db, batch.id)) await enqueue(producer, batch, signal);
    if (state === 'failed') throw new Error('the reporter gave a batch up: see the dead letters');
  }
}

/** Whole in its place or not at all: a report that is read while it is replaced is the old or the new one. */
function putReport(data: string, job: string, folder: string, forms: readonly string[]): void {
  const place = reportFolder(data, job);
  const ready = join(folder, 'forms');
  for (const form of forms) cpSync(join(folder, form), join(ready, form));
  rmSync(place, { recursive: true, force: true });
  renameSync(ready, place);
  syncFolder(join(place, '..'));
}

export function localDesk(options: LocalDeskOptions): Desk {
  const { data, db, producer, worker } = options;
  return {
    async begin(job) {
      if (!startJob(db, job, worker, Date.now())) return null;
      const row = jobOf(db, job);
      if (row === null) return null;
      const capture = captureFile(data, job);
      return { job, name: row.name ?? job, settings: row.settings, capture };
    },
    async progress(job, bytes, findings) {
      return progressJob(db, job, { bytes, findings }, Date.now());
    },
    async deliver(batch, signal) {
      await enqueue(producer, batch, signal);
      await untilStored(options, batch, signal);
    },
    async complete(job, { folder, forms, bytes, findings }) {
      putReport(data, job, folder, forms);
      completeJob(db, job, { reportBytes: bytes, findings }, Date.now());
    },
    async fail(job, problem) {
      failJob(db, job, problem, Date.now());
    },
  };
}
