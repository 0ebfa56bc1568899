/**
 * Takes jobs off a queue: one worker of BullMQ with our times, that survives whatever Redis does.
 *
 * At least once, never exactly once: a job may come again after a kill, so what `handle` does must be idempotent by id.
 * What it throws makes a dead letter; `later` puts the job back without counting an attempt.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { DelayedError, type Job, UnrecoverableError, Worker } from 'bullmq';
import type { AppError } from '../base/errors.ts';
import { type Log, quieted } from '../base/log.ts';
import { connect, disconnect } from './connect.ts';
import { LOCK_MS, MOST_STALLED, PREFIX, type QueueName, RENEW_MS, STALLED_MS } from './names.ts';
import { checkedPayload, type Payloads } from './payload.ts';
import type { RedisTarget } from './redis-url.ts';

export interface Handling {
  readonly id: string;
  /** How often it was put back with `later`, plus one. */
  readonly attempt: number;
  /** Aborted when the consumer closes, or when the job belongs to another worker by now. */
  readonly signal: AbortSignal;
  /** Puts it back for so many milliseconds: throw what it returns. */
  later(ms: number): Promise<Error>;
}

export interface ConsumerOptions<Q extends QueueName> {
  readonly target: RedisTarget;
  readonly queue: Q;
  readonly concurrency: number;
  readonly log: Log;
  readonly handle: (payload: Payloads[Q], handling: Handling) => Promise<void>;
}

export interface Consumer {
  /** Takes no new job, and gives the running ones `withinMs` to end. */
  close(withinMs: number): Promise<void>;
}

/** Redis takes no writes for now: disk full, memory full, a replica, still loading. */
const REFUSES = /^(?:.*\b)?(?:MISCONF|OOM|READONLY|LOADING|BUSY|CLUSTERDOWN|NOREPLICAS)\b/;
/** Chosen: how long a job that was told to stop may take to do so. */
const STOP_MS = 500;
const BACKOFF = { firstMs: 250, mostMs: 5000 } as const;

/** While Redis refuses, an idle worker would ask again without a pause. */
class Respite {
  readonly #worker: Worker;
  #waitMs: number = BACKOFF.firstMs;
  #timer: NodeJS.Timeout | null = null;

  constructor(worker: Worker) {
    this.#worker = worker;
  }

  take(): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#worker.resume();
    }, this.#waitMs);
    this.#waitMs = Math.min(BACKOFF.mostMs, this.#waitMs * 2);
    void this.#worker.pause(true);
  }

  over(): void {
    this.#waitMs = BACKOFF.firstMs;
  }

  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }
}

function checked<Q extends QueueName>(queue: Q, job: Job): Payloads[Q] {
  try {
    return checkedPayload(queue, job.data);
  } catch (thrown) {
    const { code, message } = thrown as AppError;
    throw new UnrecoverableError(`${code}: ${message}`);
  }
}

/** Any error makes a dead letter: what heals by itself is put back with `later` instead. */
function unrecoverable(thrown: unknown): Error {
  if (thrown instanceof DelayedError) return thrown;
  const { code, message } = thrown as Partial<AppError>;
  return new UnrecoverableError(code === undefined ? `${message}` : `${code}: ${message}`);
}

/** BullMQ makes a signal for each job, and aborts it when another worker has the job: closing aborts the same ones. */
function processorOf<Q extends QueueName>(options: ConsumerOptions<Q>) {
  return async (job: Job, token: string | undefined, given: AbortSignal | undefined) => {
    const payload = checked(options.queue, job);
    const signal = given ?? new AbortController().signal;
    // Where it cannot be moved it stays active, loses its lock, and comes again as a stalled job.
    const later = async (ms: number): Promise<Error> => {
      await job.moveToDelayed(Date.now() + ms, token).catch(() => {});
      return new DelayedError();
    };
    const attempt = job.attemptsStarted;
    try {
      await options.handle(payload, { id: job.id ?? '', attempt, signal, later });
    } catch (thrown) {
      throw signal.aborted ? await later(0) : unrecoverable(thrown);
    }
  };
}

function listen(
  worker: Worker,
  respite: Respite,
  { log, queue }: ConsumerOptions<QueueName>,
): void {
  const told = quieted(log);
  worker.on('error', (error) => {
    told.trouble({ queue, reason: error.message }, 'the queue has trouble with Redis');
    if (REFUSES.test(error.message)) respite.take();
  });
  worker.on('active', () => {
    respite.over();
    told.over('the queue works again');
  });
  worker.on('stalled', (job) => log.info({ queue, job }, 'a job lost its worker and goes on'));
  worker.on('failed', (job, error) => {
    log.warn({ queue, job: job?.id, reason: error.message }, 'a job was given up');
  });
}

export function consume<Q extends QueueName>(options: ConsumerOptions<Q>): Consumer {
  const client = connect(options.target, 'worker', () => {});
  const worker = new Worker(options.queue, processorOf(options), {
    connection: client,
    prefix: PREFIX,
    concurrency: options.concurrency,
    lockDuration: LOCK_MS,
    lockRenewTime: RENEW_MS,
    stalledInterval: STALLED_MS,
    maxStalledCount: MOST_STALLED,
    // What waits longer in one command notices a new job later after Redis was away.
    drainDelay: 2,
    runRetryDelay: 500,
    skipVersionCheck: true,
  });
  const respite = new Respite(worker);
  listen(worker, respite, options as unknown as ConsumerOptions<QueueName>);
  return {
    async close(withinMs) {
      respite.end();
      const late = setTimeout(() => worker.cancelAllJobs('closing'), withinMs);
      const hopeless = sleep(withinMs + STOP_MS, undefined, { ref: false });
      await Promise.race([worker.close().catch(() => {}), hopeless]);
      clearTimeout(late);
      disconnect(client);
    },
  };
}
