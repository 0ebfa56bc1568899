// @ts-check
/**
 * Runs the addon over many damaged captures in a process of its own, so that a crash or a hang is a failed test and
 * not the end of the test run. Before each run its name is written to a status file: a dead child tells of which.
 *
 * argv: addon, folder for temporary files, JSON of a task. stdout: JSON of what came out.
 *   { files: [path…] }                            every file, one after the other
 *   { cut: path, step }                           one file, cut at every step-th byte, from the whole down to nothing
 *   { mutate: [path…], from, until }              mutations from … until − 1 of these files
 */
import { readFileSync, writeFileSync, openSync, writeSync, truncateSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import { mutated } from './mutations.js';

const [addonPath = '', folder = '', taskText = '{}'] = process.argv.slice(2);
const addon = createRequire(import.meta.url)(addonPath);
const task = JSON.parse(taskText);
const status = openSync(join(folder, 'status'), 'w');
let slowestMs = 0;

/** @param {string} path */
function finish(path) {
  const options = {
    paths: [path],
    shard: 0,
    shards: 1,
    shortestNs: 1_000_000_000n,
    maxFlows: 6400,
    filter: null,
  };
  const analysis = addon.openAnalysis(options);
  try {
    while (analysis.run(100) === 'more') continue;
    const [finished] = analysis.finish();
    analysis.takeSilences();
    analysis.takeBirths();
    return finished;
  } finally {
    analysis.close();
  }
}

/** @param {string} name @param {string} path */
function outcome(name, path) {
  writeSync(status, `${name}\n`.padEnd(200), 0);
  const started = performance.now();
  try {
    const { frames, complete, problem, fates } = finish(path).sources[0];
    const counted = Object.values(fates).reduce((sum, count) => sum + count, 0);
    return { frames, complete, code: problem?.code ?? null, addsUp: counted === frames };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no code';
    return { frames: 0, complete: false, code, addsUp: true };
  } finally {
    slowestMs = Math.max(slowestMs, performance.now() - started);
  }
}

function runFiles() {
  return task.files.map((/** @type {string} */ path) => outcome(path, path));
}

function runCuts() {
  const path = join(folder, 'cut');
  const whole = readFileSync(task.cut);
  writeFileSync(path, whole);
  const outcomes = [];
  for (let length = whole.length; length >= 0; length -= task.step) {
    truncateSync(path, length);
    outcomes.push({ length, ...outcome(`cut at ${length}`, path) });
  }
  return outcomes;
}

function runMutations() {
  const good = task.mutate.map((/** @type {string} */ path) => readFileSync(path));
  const path = join(folder, 'mutated');
  const outcomes = [];
  for (let seed = task.from; seed < task.until; seed++) {
    writeFileSync(path, mutated(good, seed));
    outcomes.push(outcome(`mutation ${seed}`, path));
  }
  return outcomes;
}

const outcomes = task.files ? runFiles() : task.cut ? runCuts() : runMutations();
const rssMiB = process.memoryUsage().rss / 2 ** 20;
process.stdout.write(JSON.stringify({ outcomes, slowestMs, rssMiB }));
