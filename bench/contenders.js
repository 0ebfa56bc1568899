/** Who runs: deadair, and the programs that people read captures with today. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bench, cache } from './compile.js';
import { readReport } from './reports.js';

export const deadairPath = join(bench, '..', 'bin', 'deadair');
export const hasDeadair = () => existsSync(deadairPath);

/** The cores that this process may run on, by number. */
const allowed = () =>
  /^Cpus_allowed_list:\s*(.*)$/m
    .exec(readFileSync('/proc/self/status', 'utf8'))[1]
    .split(',')
    .flatMap((range) => {
      const [first, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    });

const reading = (name, start, words) => ({
  name: `deadair, ${name}`,
  command: (path) => [...start, deadairPath, 'read', '--quiet', ...words, path],
  // Not timed: the same run as JSON, for its figures.
  check: (path) => [...start, deadairPath, 'read', '--json', '--quiet', ...words, path],
  read: readReport,
});

const onCores = (count) => ['taskset', '-c', allowed().slice(0, count).join(',')];

/** One shard, and no thread beside it. */
export const oneCore = reading('one core', onCores(1), []);
/** What it does by itself where two cores are free. */
export const twoCores = reading('two cores', onCores(2), []);
/** … and the report as programs read it. */
export const json = {
  ...twoCores,
  name: 'deadair, two cores, --json',
  command: twoCores.check,
  check: undefined,
};
/** Two shards on threads of the pool. */
export const pool = reading('--workers 2', onCores(2), ['--workers', '2']);

/** What the bars of issue 3 are measured against. */
export const copy = {
  name: 'tcpdump copy',
  package: 'tcpdump',
  command: (path) => ['tcpdump', '-r', path, '-w', '/dev/null', 'tcp'],
};

/** tcpdump reads no compressed file: its user unpacks into it. */
export const copyUnpacked = (program) => ({
  name: `${program} -dc | tcpdump copy`,
  package: 'tcpdump',
  command: (path) => ['sh', '-c', `${program} -dc "$0" | tcpdump -r - -w /dev/null tcp`, path],
});

const lines = (output) => ({ found: output.split('\n').filter((line) => line !== '').length });

/** Each runs once, on at most `most` packets. */
export const slowPeers = [
  {
    name: 'softflowd',
    package: 'softflowd',
    most: 1e7,
    command: (path) => [
      'softflowd',
      '-r',
      path,
      '-d',
      '-c',
      'none',
      '-m',
      '4000000',
      '-p',
      join(cache, 'softflowd.pid'),
      '-n',
      '127.0.0.1:9',
    ],
  },
  {
    name: 'tcptrace',
    package: 'tcptrace',
    most: 1e7,
    command: (path) => ['tcptrace', '-n', path],
  },
  {
    name: 'argus',
    package: 'argus-server',
    program: 'argus',
    most: 1e7,
    command: (path) => ['argus', '-X', '-r', path, '-w', '/dev/null'],
  },
  {
    name: 'tshark, display filter',
    package: 'tshark',
    program: 'tshark',
    most: 1e6,
    command: (path) => [
      'tshark',
      '-n',
      '-r',
      path,
      '-o',
      'tcp.calculate_timestamps:TRUE',
      '-Y',
      'tcp.flags.reset==1 && tcp.time_delta>20',
    ],
    read: lines,
  },
];

export const packages = [copy, ...slowPeers].map((peer) => peer.package);

/** Splits into those that are installed and those to be named as missing. */
export function present(contenders) {
  const there = [];
  const missing = [];
  for (const contender of contenders) {
    const program = contender.program ?? contender.package;
    const found = !program || spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
    (found ? there : missing).push(contender);
  }
  return { there, missing };
}
