/** Jobs that were given up: kept in the failed set of their queue, listed, and put back by hand. */
import type { Job, Queue } from 'bullmq';
import type { QueueName } from './names.ts';

export interface DeadLetter {
  readonly queue: QueueName;
  readonly id: string;
  /** Why, in the words of whoever gave up. */
  readonly reason: string;
  readonly failedAt: string;
  readonly attempts: number;
  readonly payload: unknown;
}

function letterOf(job: Job, queue: QueueName): DeadLetter {
  return {
    queue,
    id: job.id ?? '',
    reason: job.failedReason ?? '',
    failedAt: new Date(job.finishedOn ?? job.timestamp).toISOString(),
    attempts: job.attemptsMade,
    payload: job.data,
  };
}

export async function deadLettersOf(
  queue: Queue,
  name: QueueName,
  from: number,
  limit: number,
): Promise<readonly DeadLetter[]> {
  const jobs = await queue.getJobs(['failed'], from, from + limit - 1, false);
  return jobs.map((job) => letterOf(job as Job, name));
}

export async function redriven(queue: Queue, id: string): Promise<boolean> {
  const job = (await queue.getJob(id)) as Job | undefined;
  if (job === undefined || !(await job.isFailed())) return false;
  await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
  return true;
}
