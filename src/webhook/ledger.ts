/**
 * What came of deliveries, written in groups: a commit is an fsync, and a hundred deliveries that end
 * within some milliseconds share one. Nobody is told of an end that is not on the disk.
 */
import type { Database } from '../report/store/database.ts';
import { cancelPending, type Recorded, recordAttempts } from '../report/store/deliveries.ts';
import { changeWebhook } from '../report/store/webhooks.ts';

export interface Entry extends Recorded {
  /** The subscription to disable, and why. */
  readonly disables: { readonly webhook: string; readonly why: string } | null;
}

interface Waiting {
  readonly entry: Entry;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Chosen: the delivery is over by then and waits for nothing; long enough for others to join. */
const GATHER_MS = 50;

export class Ledger {
  readonly #db: Database;
  #waiting: Waiting[] = [];

  constructor(db: Database) {
    this.#db = db;
  }

  /** Resolves when it is on the disk. */
  record(entry: Entry): Promise<void> {
    // One that was sent twice at once: what came of the second try is the last word.
    if (this.#waiting.some((known) => known.entry.delivery === entry.delivery)) this.#write();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, resolve, reject });
      if (this.#waiting.length === 1) setTimeout(() => this.#write(), GATHER_MS);
    });
  }

  #write(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    if (batch.length === 0) return;
    try {
      this.#db.transaction(() => this.#enter(batch.map(({ entry }) => entry)));
      for (const { resolve } of batch) resolve();
    } catch (thrown) {
      for (const { reject } of batch) reject(thrown);
    }
  }

  #enter(entries: readonly Entry[]): void {
    recordAttempts(this.#db, entries);
    for (const { attempt, disables } of entries) {
      if (disables === null) continue;
      const { webhook, why } = disables;
      changeWebhook(this.#db, webhook, { state: 'disabled', problem: why }, attempt.at);
      cancelPending(this.#db, webhook, why, attempt.at);
    }
  }
}
