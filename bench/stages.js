/**
 * Where the time goes below JavaScript: nanoseconds and instructions a packet for reading,
 * decoding, the table and the tracker, each the difference to the stage before it.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { bench, compile, sourcesIn } from './compile.js';
import { median } from './measure.js';
import { makeTrace, warm } from './traces.js';

const STAGES = ['read', 'decode', 'table', 'tracker'];
const native = join(bench, '..', 'native');

function build() {
  const folders = ['source', 'decode', 'flow'].map((name) => join(native, name));
  const core = folders.flatMap(sourcesIn).filter((path) => path.endsWith('.cc'));
  const flags = ['-O3', '-fno-rtti', `-I${native}`, '-lz', '-lzstd'];
  const sources = [join(bench, 'native', 'stages.cc'), ...core];
  return compile('stages', sources, { watched: [native, ...folders], flags });
}

/** → { stages: [{ name, nanoseconds, instructions, cycles }], by, packets }, or { problem }: it does not build */
export function measureStages({ packets, seed, rounds }) {
  let program;
  try {
    program = build();
  } catch (cause) {
    return {
      problem: String(cause.message ?? cause)
        .trim()
        .split('\n')[0],
    };
  }
  const trace = makeTrace({ kind: 'small', packets, seed });
  const sample = makeTrace({ kind: 'small', packets: 200000, seed });
  const counter = hasCounters() ? perf : callgrind;
  warm(trace);
  const seconds = inTurn(program, trace.path, rounds);
  const counts = STAGES.map((stage) => counter([program, sample.path, stage]));
  const stages = STAGES.map((name, i) => ({
    name,
    nanoseconds: rise(seconds, i, (value) => (value * 1e9) / trace.truth.packets),
    instructions: rise(counts, i, (count) => count.instructions / sample.truth.packets),
    cycles: rise(counts, i, (count) => count.cycles / sample.truth.packets),
  }));
  return { stages, by: counter.name, packets: sample.truth.packets };
}

const rise = (values, i, each) => each(values[i]) - (i === 0 ? 0 : each(values[i - 1]));

function inTurn(program, path, rounds) {
  const seconds = STAGES.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, stage] of STAGES.entries()) {
      const output = execFileSync(program, [path, stage], { encoding: 'utf8' });
      seconds[i].push(JSON.parse(output).seconds);
    }
  }
  return seconds.map(median);
}

const stat = (command) =>
  spawnSync('perf', ['stat', '-x', ';', '-e', 'instructions:u,cycles:u', ...command], {
    encoding: 'utf8',
  });

function hasCounters() {
  const run = stat(['true']);
  return run.status === 0 && !run.stderr.includes('<not supported>');
}

function perf(command) {
  const [instructions, cycles] = stat(command)
    .stderr.split('\n')
    .map((line) => Number.parseInt(line));
  return { instructions, cycles };
}

/** Instructions only, of the whole program; its start drops out of the differences. */
function callgrind(command) {
  const words = ['--tool=callgrind', '--callgrind-out-file=/dev/null', ...command];
  const run = spawnSync('valgrind', words, { encoding: 'utf8' });
  return { instructions: Number(/Collected : (\d+)/.exec(run.stderr)?.[1]), cycles: Number.NaN };
}
