/**
 * The steady work of the webhooks process: events become deliveries, deliveries get a job on the queue,
 * alerts are settled, the log is kept short.
 *
 * The rows are the truth. What the queue did not take is offered again; what it lost is noticed because
 * its time is over. A turn is short, so that the loop can renew locks.
 */
import type { Database } from '../report/store/database.ts';
import {
  deliveriesToQueue,
  finishedBeyond,
  forgetDeliveries,
  markQueued,
  requeueOverdue,
  type ToQueue,
} from '../report/store/deliveries.ts';
import { dueAlerts, forgetKills } from '../report/store/webhook-alerts.ts';
import { settleAlerts } from './alert-book.ts';
import { followOutbox } from './outbox.ts';

/** Chosen: untried deliveries of one subscription on the queue. */
export const WINDOW = 512;
/** Chosen: a delivery whose time has been over for so long is not on the queue any more. */
const LOST_AFTER_MS = 60_000;
/** Chosen: how long the log is kept, and how many of it. */
export const LOG_KEPT_MS = 30 * 24 * 3_600_000;
export const LOG_KEPT = 200_000;
const SWEEP_EVERY_MS = 60_000;
const SWEPT_AT_ONCE = 1000;

export interface DispatcherOptions {
  readonly db: Database;
  /** Throws where the queue takes nothing now. */
  readonly enqueue: (tasks: readonly ToQueue[]) => Promise<void>;
  readonly now?: () => number;
}

/** A job of its own for each round: an earlier one may lie among the dead letters. */
export const jobIdOf = ({ id, round }: Pick<ToQueue, 'id' | 'round'>): string => `${id}.${round}`;

export class Dispatcher {
  readonly #options: DispatcherOptions;
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** True when there may be more to do at once. Throws what `enqueue` throws; nothing is lost by that. */
  async turn(): Promise<boolean> {
    const { db, now = Date.now } = this.#options;
    this.#sweep(now());
    const events = followOutbox(db, now());
    const alerts = dueAlerts(db, now(), 1).length === 0 ? 0 : settleAlerts(db, now());
    await this.#queue(now());
    return events > 0 || alerts > 0;
  }

  async #queue(now: number): Promise<void> {
    const { db, enqueue } = this.#options;
    const tasks = deliveriesToQueue(db, now, WINDOW);
    if (tasks.length === 0) return;
    await enqueue(tasks);
    markQueued(db, tasks);
  }

  #sweep(now: number): void {
    if (now - this.#sweptAt < SWEEP_EVERY_MS) return;
    this.#sweptAt = now;
    const { db } = this.#options;
    requeueOverdue(db, now - LOST_AFTER_MS);
    const tooMany = finishedBeyond(db, LOG_KEPT) ?? 0;
    const before = Math.max(now - LOG_KEPT_MS, tooMany);
    if (forgetDeliveries(db, before, SWEPT_AT_ONCE) === SWEPT_AT_ONCE) this.#sweptAt = 0;
    forgetKills(db, now - LOG_KEPT_MS, SWEPT_AT_ONCE);
  }
}
