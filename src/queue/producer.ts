/**
 * Puts jobs on the queues, and looks at them.
 *
 * Nothing here waits for a Redis that does not answer: every call ends within a few seconds, with E_REDIS_AWAY if the
 * job may not be there. Adding the same id again is harmless, so whoever kept the job tries again.
 */
import { Queue } from 'bullmq';
import { AppError } from '../base/errors.ts';
import { type Connection, connect, disconnect } from './connect.ts';
import { type DeadLetter, deadLettersOf, redriven } from './dead-letters.ts';
import { COMMAND_MS, DEAD_KEPT, PREFIX, QUEUES, type QueueName } from './names.ts';
import { checkedPayload, type Payloads } from './payload.ts';
import type { RedisTarget } from './redis-url.ts';

export interface Task<Q extends QueueName> {
  /** The same job under the same id is there once, for as long as it is kept. */
  readonly id: string;
  readonly payload: Payloads[Q];
  /** Not before so many milliseconds. */
  readonly delayMs?: number;
}

export interface Depth {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
}

export type JobState = 'waiting' | 'active' | 'delayed' | 'completed' | 'failed' | 'unknown';

/** Beyond the time of one command: several go into one call. */
const CALL_MS = COMMAND_MS + 1000;

/** BullMQ joins keys with colons, and takes digits for its own ids. */
const JOB_ID = /^(?!\d+$)[A-Za-z0-9_.-]{1,200}$/;

function awayError(target: RedisTarget, cause: unknown): AppError {
  return new AppError(
    'E_REDIS_AWAY',
    `Redis (${target.shown}) does not answer or refuses`,
    'is it running, reachable, and not full?',
    cause,
  );
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {});
  }
}

interface Opened {
  readonly client: Connection;
  readonly queues: Readonly<Record<QueueName, Queue>>;
}

function open(target: RedisTarget): Opened {
  const client = connect(target, 'producer', () => {});
  const queue = (name: QueueName): Queue => {
    const made = new Queue(name, {
      connection: client,
      prefix: PREFIX,
      skipVersionCheck: true,
      skipMetasUpdate: true,
    });
    return made.on('error', () => {});
  };
  return {
    client,
    queues: {
      captures: queue('captures'),
      findings: queue('findings'),
      webhooks: queue('webhooks'),
    },
  };
}

export class Producer {
  readonly #target: RedisTarget;
  #opened: Opened | null = null;

  constructor(target: RedisTarget) {
    this.#target = target;
  }

  /** All or, where it throws E_REDIS_AWAY, perhaps some. Throws E_PAYLOAD before anything is sent. */
  async add<Q extends QueueName>(queue: Q, tasks: readonly Task<Q>[]): Promise<void> {
    const jobs = tasks.map(({ id, payload, delayMs = 0 }) => {
      if (!JOB_ID.test(id))
        throw new AppError('E_PAYLOAD', `"${id}" is no job id`, 'please report it');
      const opts = {
        jobId: id,
        delay: delayMs,
        removeOnComplete: true,
        removeOnFail: { count: DEAD_KEPT },
        stackTraceLimit: 0,
      };
      return { name: queue, data: checkedPayload(queue, payload), opts };
    });
    if (jobs.length > 0) await this.#call(({ queues }) => queues[queue].addBulk(jobs));
  }

  /** `unknown`: not there, which is also how a completed job ends. */
  state(queue: QueueName, id: string): Promise<JobState> {
    return this.#call(async ({ queues }) => {
      const state = await queues[queue].getJobState(id);
      const known: readonly string[] = ['active', 'delayed', 'completed', 'failed', 'unknown'];
      return known.includes(state) ? (state as JobState) : 'waiting';
    });
  }

  /** Takes a job that nobody works on out of its queue. False: it was not there, or somebody works on it. */
  remove(queue: QueueName, id: string): Promise<boolean> {
    return this.#call(async ({ queues }) => (await queues[queue].remove(id).catch(() => 0)) > 0);
  }

  depths(): Promise<Readonly<Record<QueueName, Depth>>> {
    return this.#call(async ({ queues }) => {
      const entries = await Promise.all(
        QUEUES.map(async (name) => {
          const counts = await queues[name].getJobCounts('waiting', 'active', 'delayed', 'failed');
          const { waiting = 0, active = 0, delayed = 0, failed = 0 } = counts;
          return [name, { waiting, active, delayed, failed }] as const;
        }),
      );
      return Object.fromEntries(entries) as Record<QueueName, Depth>;
    });
  }

  /** Newest first. */
  dead(queue: QueueName, from: number, limit: number): Promise<readonly DeadLetter[]> {
    return this.#call(({ queues }) => deadLettersOf(queues[queue], queue, from, limit));
  }

  /** Puts a dead letter back into its queue, as if it were new. False: there is none of this id. */
  redrive(queue: QueueName, id: string): Promise<boolean> {
    return this.#call(({ queues }) => redriven(queues[queue], id));
  }

  /** Leaves a word under a name, for whoever looks for it: see `noted`. */
  async note(name: string, word: string, ttlSeconds: number): Promise<void> {
    await this.#call(({ client }) => client.set(`${PREFIX}:note:${name}`, word, 'EX', ttlSeconds));
  }

  /** The words under these names, null where there is none. */
  async noted(names: readonly string[]): Promise<readonly (string | null)[]> {
    if (names.length === 0) return [];
    const keys = names.map((name) => `${PREFIX}:note:${name}`);
    return this.#call(({ client }) => client.mget(...keys));
  }

  async ping(): Promise<void> {
    await this.#call(({ client }) => this.#ready(client).then(() => client.ping()));
  }

  /** For bull-board and BullMQ's own metrics. */
  queues(): readonly Queue[] {
    const { queues } = this.#open();
    return QUEUES.map((name) => queues[name]);
  }

  async close(): Promise<void> {
    this.#discard();
  }

  #open(): Opened {
    this.#opened ??= open(this.#target);
    return this.#opened;
  }

  async #ready(client: Connection): Promise<void> {
    while (client.status !== 'ready') await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /**
   * A connection whose first handshake failed stays failed for BullMQ: after an error the next call begins with a new
   * one.
   */
  async #call<T>(work: (opened: Opened) => Promise<T>): Promise<T> {
    const opened = this.#open();
    try {
      return await within(
        CALL_MS,
        opened.queues.captures.waitUntilReady().then(() => work(opened)),
      );
    } catch (cause) {
      if (this.#opened === opened) this.#discard();
      throw awayError(this.#target, cause);
    }
  }

  #discard(): void {
    const opened = this.#opened;
    this.#opened = null;
    if (opened === null) return;
    for (const queue of Object.values(opened.queues)) queue.close().catch(() => {});
    disconnect(opened.client);
  }
}
