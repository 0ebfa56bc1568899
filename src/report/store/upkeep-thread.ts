/** The thread that prunes: a connection of its own, so that no big delete stands in anybody's way. */
import { parentPort, workerData } from 'node:worker_threads';
import { openDatabase } from './database.ts';
import { prune, type RetentionRules } from './retention.ts';

export interface UpkeepOrder {
  readonly data: string;
  readonly rules: RetentionRules;
  readonly now: number;
}

const { data, rules, now } = workerData as UpkeepOrder;
const stop = new AbortController();
parentPort?.once('message', () => stop.abort());
const db = openDatabase(data);
try {
  const pruned = await prune({ db, data, now, signal: stop.signal }, rules);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
  parentPort?.postMessage(pruned);
} finally {
  db.close();
  parentPort?.close();
}
