/**
 * The rows are the truth: a job that the store calls queued or running is on the queue, or is put there again. Redis may
 * have been away when it was handed in, or have lost its last second.
 */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Log, quieted } from './base/log.ts';
import type { Producer } from './queue/producer.ts';
import type { Database } from './report/store/database.ts';
import { jobIdsIn, jobOf, requeueJob } from './report/store/jobs.ts';

/** Chosen: well within the 5 s in which work goes on after a restart. */
const SWEEP_MS = 2000;
/** Chosen: older jobs first; the rest has its turn. */
const JOBS_AT_ONCE = 1000;

export interface SweeperOptions {
  readonly db: Database;
  readonly producer: Producer;
  readonly log: Log;
}

export const captureTask = (job: string) => ({ id: job, payload: { v: 1 as const, job } });

/** A dead letter of a job that was revived is driven on; a job that the queue does not know is put there. */
async function putBack({ db, producer, log }: SweeperOptions, job: string): Promise<void> {
  const state = await producer.state('captures', job);
  if (state !== 'unknown' && state !== 'failed') return;
  const row = jobOf(db, job);
  if (row?.state === 'running') requeueJob(db, job, Date.now());
  else if (row?.state !== 'queued') return;
  if (state === 'failed') await producer.redrive('captures', job);
  else await producer.add('captures', [captureTask(job)]);
  log.info({ job }, 'a job was not on the queue and is again');
}

export async function sweepJobs(options: SweeperOptions): Promise<void> {
  const { db } = options;
  const jobs = [...jobIdsIn(db, 'queued', JOBS_AT_ONCE), ...jobIdsIn(db, 'running', JOBS_AT_ONCE)];
  for (const job of jobs) await putBack(options, job);
}

export function startSweeper(options: SweeperOptions): { stop(): void } {
  const told = quieted(options.log);
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const turn = async (): Promise<void> => {
    try {
      await sweepJobs(options);
      told.over('jobs reach the queue again');
    } catch (thrown) {
      told.trouble({ reason: (thrown as Error).message }, 'jobs wait for the queue');
    }
    if (!stopped) timer = setTimeout(() => void turn(), SWEEP_MS);
  };
  void turn();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** Uploads that a kill cut off: at the start nobody is writing. */
export function sweepIncoming(data: string): void {
  const folder = join(data, 'incoming');
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.part')) rmSync(join(folder, name), { force: true });
  }
}

/** Captures and reports without a job: a kill between the rename and the row. Young ones are on their way. */
export function sweepOrphans(data: string, db: Database, olderThanMs: number): number {
  let swept = 0;
  for (const kind of ['captures', 'reports']) {
    const folder = join(data, kind);
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
      if (Date.now() - mtimeMs < olderThanMs || jobOf(db, name) !== null) continue;
      rmSync(path, { recursive: true, force: true });
      swept++;
    }
  }
  return swept;
}
