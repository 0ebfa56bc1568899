/** Prunes the store a minute after the start and every hour from then on, in a thread of its own. */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Log } from '../../base/log.ts';
import { packageRoot } from '../../base/root.ts';
import type { Pruned } from './retention.ts';
import type { UpkeepOrder } from './upkeep-thread.ts';

const FIRST_MS = 60_000;
const EVERY_MS = 3600 * 1000;
/** Chosen: a slice and its pause are over by then. */
const STOP_MS = 1000;

export interface Upkeep {
  stop(): Promise<void>;
}

interface Run {
  readonly pruned: Promise<Pruned | null>;
  stop(): Promise<void>;
}

function startRun(order: UpkeepOrder): Run {
  const path = join(packageRoot(), 'dist', 'src', 'report', 'store', 'upkeep-thread.js');
  const worker = new Worker(path, { workerData: order });
  const over = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const pruned = new Promise<Pruned | null>((resolve, reject) => {
    worker.once('message', resolve).once('error', reject);
    worker.once('exit', () => resolve(null));
  });
  return {
    pruned,
    async stop() {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
      worker.postMessage('stop');
      const late = setTimeout(() => void worker.terminate(), STOP_MS);
      await over;
      clearTimeout(late);
    },
  };
}

/** Once, now; null when it was stopped before its end. */
export const pruneOnce = (order: UpkeepOrder): Promise<Pruned | null> => startRun(order).pruned;

export function startUpkeep({ data, rules }: Omit<UpkeepOrder, 'now'>, log: Log): Upkeep {
  let running: Run | null = null;
  let timer: NodeJS.Timeout | null = null;
  const turn = async () => {
    running = startRun({ data, rules, now: Date.now() });
    try {
      const pruned = await running.pruned;
      if (pruned !== null && Object.values(pruned).some((n) => n > 0))
        log.info({ ...pruned }, 'pruned the store');
    } catch (err) {
      log.warn({ err }, 'could not prune the store');
    }
    running = null;
    if (timer !== null) timer = setTimeout(() => void turn(), EVERY_MS);
  };
  timer = setTimeout(() => void turn(), FIRST_MS);
  return {
    async stop() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      await running?.stop();
    },
  };
}
