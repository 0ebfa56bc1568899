/** The only door to piscina. It is loaded when the first capture needs it, so a small file never pays for it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Piscina } from 'piscina';
import { AppError } from '../base/errors.ts';
import { packageRoot } from '../base/root.ts';

/** One file beside the pack, and no ES module loader in the thread; after `tsc -b` alone, and in tests, as compiled. */
function fileOf(worker: string): string {
  const packed = join(import.meta.dirname, `${worker}.cjs`);
  return existsSync(packed) ? packed : join(packageRoot(), 'dist', 'workers', `${worker}.js`);
}

/** Exactly `shards` threads for exactly `shards` tasks; each works alone for as long as the capture lasts. */
export async function openPool(shards: number, worker = 'shard'): Promise<Piscina> {
  const filename = fileOf(worker);
  if (!existsSync(filename)) {
    throw new AppError(
      'E_ADDON_MISSING',
      'the worker has not been built',
      'run `npm run build` in the package',
    );
  }
  const { Piscina } = await import('piscina');
  return new Piscina({
    filename,
    minThreads: shards,
    maxThreads: shards,
    // Tasks wait here for their threads to start, and a repeated one for its thread's successor.
    maxQueue: shards,
    concurrentTasksPerWorker: 1,
    // A worker that waits in Atomics.wait freezes its timers, and there is nothing to gain: one task a thread.
    atomics: 'disabled',
    recordTiming: false,
    workerHistogram: false,
  });
}
