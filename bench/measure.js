/** One command, run once, and what it cost: wall, CPU, peak memory. And several, in turn. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bench, cache, compile } from './compile.js';

const MOST_SECONDS = 900;

/**
 * What the owner of a machine has every Node do first is nobody's speed: a file of certificates alone
 * (NODE_EXTRA_CA_CERTS) makes `node -e 0` take three times as long, and every ratio to it better.
 */
const OF_THE_MACHINE = ['NODE_EXTRA_CA_CERTS', 'NODE_OPTIONS'];

const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !OF_THE_MACHINE.includes(name)),
);

/** → { wall, user, sys, cpu, rssKiB, ok, output, complaint } */
export function measure(command) {
  const runner = compile('rusage', [join(bench, 'native', 'rusage.cc')]);
  const output = join(cache, 'stdout');
  const errors = join(cache, 'stderr');
  const run = spawnSync(runner, [String(MOST_SECONDS), output, errors, ...command], {
    encoding: 'utf8',
    env: environment,
  });
  const cost = JSON.parse(run.stdout);
  const ok = cost.exit === 0 && cost.signal === 0;
  return {
    ...cost,
    ok,
    cpu: cost.user + cost.sys,
    output: () => readFileSync(output, 'utf8'),
    complaint: ok
      ? null
      : complaintIn(readFileSync(errors, 'utf8')) || `ended with ${cost.exit || cost.signal}`,
  };
}

/** Two lines at the end: deadair says what happened, then gives a hint. */
const complaintIn = (text) => text.trim().split(/\n\s*/).slice(-2).join(', ');

/**
 * Rounds in turn, A B C A B C, so that a busy moment of the machine hits all alike.
 * Contender: { name, command(path), rounds? (at most), read?(output) }. → Map name → result
 */
export function inTurn(contenders, path, rounds) {
  const runs = new Map(contenders.map((contender) => [contender.name, []]));
  const read = new Map();
  for (let round = 0; round < rounds; round++) {
    for (const contender of contenders) {
      if (round >= (contender.rounds ?? rounds)) continue;
      const run = measure(contender.command(path));
      runs.get(contender.name).push(run);
      if (run.ok && round === 0 && contender.read) {
        const shown = contender.check ? measure(contender.check(path)) : run;
        read.set(contender.name, contender.read(shown.output()));
      }
    }
  }
  return new Map(
    [...runs].map(([name, all]) => [name, { ...summary(all), read: read.get(name) ?? null }]),
  );
}

function summary(runs) {
  const failed = runs.find((run) => !run.ok);
  return {
    runs: runs.length,
    wall: median(runs.map((run) => run.wall)),
    cpu: median(runs.map((run) => run.cpu)),
    rssMiB: Math.max(...runs.map((run) => run.rssKiB)) / 1024,
    problem: failed ? failed.complaint : null,
  };
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
