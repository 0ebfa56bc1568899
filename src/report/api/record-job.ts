/** A capture that lies in its place becomes a job, or turns out to be one that was handed in before. */
import { rmSync } from 'node:fs';
import type { FastifyBaseLogger } from 'fastify';
import { createHash } from 'node:crypto';
import { claimKey, forgetKey } from '../store/idempotency.ts';
import { insertJob, type Job, jobOf, type NewJob } from '../store/jobs.ts';
import { captureFile } from '../store/places.ts';
import type { ApiContext } from './context.ts';
import { Problem } from './problem.ts';

export interface Recorded {
  readonly job: Job;
  readonly isNew: boolean;
}

const fingerprintOf = ({ sha256, settings }: NewJob): string =>
  createHash('sha256')
    .update(`${sha256} ${JSON.stringify(settings)}`)
    .digest('hex');

/** In one transaction with the job, so that of two at once one is the copy. */
function insertOnce({ db, clock }: ApiContext, job: NewJob, key: string | null): Recorded {
  const now = clock();
  if (key === null) return { job: insertJob(db, job, now), isNew: true };
  const claim = { key, fingerprint: fingerprintOf(job), job: job.id };
  const answer = claimKey(db, claim, now);
  if (answer.kind === 'other-content')
    throw new Problem('key-reused', 'another capture or other settings came under this key');
  if (answer.kind === 'new') return { job: insertJob(db, job, now), isNew: true };
  const known = jobOf(db, answer.job);
  if (known !== null) return { job: known, isNew: false };
  // The job was deleted since: this is a new one under the old key.
  forgetKey(db, key);
  claimKey(db, claim, now);
  return { job: insertJob(db, job, now), isNew: true };
}

/** The capture goes again when there is no new job for it. */
export async function recordJob(
  context: ApiContext,
  job: NewJob,
  { key, log }: { readonly key: string | null; readonly log: FastifyBaseLogger },
): Promise<Recorded> {
  let recorded: Recorded | null = null;
  try {
    recorded = context.db.transaction(() => insertOnce(context, job, key));
  } finally {
    if (recorded?.isNew !== true) rmSync(captureFile(context.data, job.id), { force: true });
  }
  if (recorded.isNew) {
    await context.queues.submit(recorded.job.id).catch((err: unknown) => {
      // It is recorded as queued: the sweeper hands it over when the queue is back.
      log.warn({ err, job: job.id }, 'queue is away, job waits');
    });
  }
  return recorded;
}
