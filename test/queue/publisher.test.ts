/** From spool to queue when an answer is lost: Redis has the batch, the publisher does not know it. */
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { NO_LOG } from '../../src/base/log.ts';
import { agentId } from '../../src/queue/agent.ts';
import { Producer, type Task } from '../../src/queue/producer.ts';
import { Publisher } from '../../src/queue/publisher.ts';
import type { QueueName } from '../../src/queue/names.ts';
import { Spool, type SpoolRecord } from '../../src/queue/spool.ts';
import { withFolder } from '../kit/temporary.ts';
import { haveRedis, type TestRedis, until, withRedis } from './redis.ts';
import { store } from './small-consumer.ts';

/** A connection that breaks between the first job and the word that it was taken. */
class LosesTheFirstAnswer extends Producer {
  readonly #meanwhile: () => Promise<void>;
  #calls = 0;

  constructor(redis: TestRedis, meanwhile: () => Promise<void>) {
    super(redis.target);
    this.#meanwhile = meanwhile;
  }

  override async add<Q extends QueueName>(queue: Q, tasks: readonly Task<Q>[]): Promise<void> {
    await super.add(queue, tasks);
    this.#calls++;
    if (this.#calls > 1) return;
    await this.#meanwhile();
    throw new Error('the connection broke');
  }
}

const finding = (id: string) => ({ kind: 'finding', value: { id, update: 0 } }) as SpoolRecord;

describe.skipIf(!haveRedis)('publisher (needs redis-server)', () => {
  test('a batch whose answer was lost does not swallow what came into the spool since', () =>
    withFolder((folder) =>
      withRedis(folder, async (redis) => {
        const spool = new Spool(join(folder, 'spool'), NO_LOG);
        const producer = new LosesTheFirstAnswer(redis, async () => {
          spool.append(finding('f_2'));
          await spool.flushed();
        });
        spool.append(finding('f_1'));
        await spool.flushed();
        const agent = agentId(spool.folder);
        const publisher = new Publisher(spool, producer, { agent, host: 'gateway' }, NO_LOG);
        await until('all of the spool is on the queue', async () => {
          const [note = null] = await producer.noted([`sent-${agent}`]);
          return note !== null;
        });
        const far = store(redis);
        await until('both have arrived', () => far.seen.size === 2);
        await far.close();
        await publisher.close(1000);
        await spool.close();
        await producer.close();
      }),
    ));
});
