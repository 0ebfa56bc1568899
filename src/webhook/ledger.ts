/**
 * What came of deliveries, written in groups: a commit is an fsync, and a hundred deliveries that end
 * within some milliseconds share one. Nobody is told of an end that is not on the disk.
 */
import type { Database } from '../report/store/database.ts';
import {
  type Attempt,
  cancelPending,
  type Outcome,
  recordAttempt,
} from '../report/store/deliveries.ts';
import { changeWebhook } from '../report/store/webhooks.ts';

export interface Entry {
  readonly delivery: string;
  readonly attempt: Attempt;
  readonly outcome: Outcome;
  /** The subscription to disable, and why. */
  readonly disables: { readonly webhook: string; readonly why: string } | null;
}

interface Waiting {
  readonly entry: Entry;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Chosen: not to be noticed in a delivery, long enough for others to join. */
const GATHER_MS = 20;

export class Ledger {
  readonly #db: Database;
  #waiting: Waiting[] = [];

  constructor(db: Database) {
    this.#db = db;
  }

  /** Resolves when it is on the disk. */
  record(entry: Entry): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, resolve, reject });
      if (this.#waiting.length === 1) setTimeout(() => this.#write(), GATHER_MS);
    });
  }

  #write(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      this.#db.transaction(() => {
        for (const { entry } of batch) this.#enter(entry);
      });
      for (const { resolve } of batch) resolve();
    } catch (thrown) {
      for (const { reject } of batch) reject(thrown);
    }
  }

  #enter({ delivery, attempt, outcome, disables }: Entry): void {
    recordAttempt(this.#db, delivery, attempt, outcome);
    if (disables === null) return;
    const { webhook, why } = disables;
    changeWebhook(this.#db, webhook, { state: 'disabled', problem: why }, attempt.at);
    cancelPending(this.#db, webhook, why, attempt.at);
  }
}
