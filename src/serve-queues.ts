/** The queues as the API sees them. */
import type { FindingsBatch } from './queue/payload.ts';
import type { Producer } from './queue/producer.ts';
import { QUEUES, type QueueName } from './queue/names.ts';
import type { DeadLetter, Queues } from './report/api/context.ts';
import type { Database } from './report/store/database.ts';
import { untilStored } from './serve-desk.ts';
import { captureTask } from './serve-sweeper.ts';

const isQueue = (name: string): name is QueueName => (QUEUES as readonly string[]).includes(name);

/** Chosen: a remote worker asks again. */
const STORED_MS = 20_000;

export function apiQueues(producer: Producer, db: Database): Queues {
  return {
    submit: (job) => producer.add('captures', [captureTask(job)]),
    // Whoever works on it sees the row; here only what waits is taken away.
    cancel: async (job) => void (await producer.remove('captures', job)),
    async deliver(batch: FindingsBatch) {
      await producer.add('findings', [{ id: batch.id, payload: batch }]);
      await untilStored({ db, producer }, batch, AbortSignal.timeout(STORED_MS));
    },
    async deadLetters(limit): Promise<readonly DeadLetter[]> {
      const lists = await Promise.all(QUEUES.map((queue) => producer.dead(queue, 0, limit)));
      const newest = (a: DeadLetter, b: DeadLetter) => (a.failedAt < b.failedAt ? 1 : -1);
      return lists.flat().sort(newest).slice(0, limit);
    },
    redrive: async (queue, id) => isQueue(queue) && producer.redrive(queue, id),
  };
}
