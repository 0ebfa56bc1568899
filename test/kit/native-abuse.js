// @ts-check
/**
 * Loads the addon in worker threads and stops each at a random moment; reports what the process still holds.
 *
 * argv: addon, capture, runs. stdout: JSON { before, after } with descriptors, threads and resident MiB, `before`
 * taken when a tenth of the runs had warmed everything up.
 */
import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { randomFrom } from './mutations.js';

const [addon = '', path = '', runs = '200'] = process.argv.slice(2);
const random = randomFrom(7);
const RUNS = Number(runs);

const script = readFileSync(new URL('./native-worker.cjs', import.meta.url), 'utf8');

/** @param {number} waitMs */
async function stoppedAfter(waitMs) {
  const worker = new Worker(script, { eval: true, workerData: { addon, path } });
  const failed = new Promise((_, reject) => worker.once('error', reject));
  await Promise.race([sleep(waitMs), failed]);
  await worker.terminate();
}

function held() {
  const status = readFileSync('/proc/self/status', 'utf8');
  const number = (/** @type {string} */ name) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  const maps = readFileSync('/proc/self/maps', 'utf8').split('\n');
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    threads: number('Threads'),
    residentMiB: number('VmRSS') / 1024,
    mappedCaptures: maps.filter((line) => line.endsWith(path)).length,
  };
}

/** Terminated threads are joined and their memory goes a moment later. */
async function settled() {
  for (let i = 0; i < 10; i++) {
    globalThis.gc?.();
    await sleep(20);
  }
  return held();
}

/** @param {number} count */
async function abuse(count) {
  for (let i = 0; i < count; i += 4) {
    // Most within the time of a worker's start and its first analyses, some long after.
    await Promise.all(
      [0, 1, 2, 3].map(() => stoppedAfter(random(8) === 0 ? random(400) : random(120))),
    );
  }
}

await abuse(Math.ceil(RUNS / 5));
const before = await settled();
await abuse(RUNS);
const after = await settled();
process.stdout.write(JSON.stringify({ before, after }));
