/** What the figures were measured on and with; no host name, no date. */
import { spawnSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { bench } from './compile.js';

const say = (program, ...words) => {
  const run = spawnSync(program, words, { cwd: bench, encoding: 'utf8' });
  return `${run.stdout ?? ''}${run.stderr ?? ''}`.trim();
};

const firstLine = (text) => text.split('\n')[0] ?? '';

export function commit() {
  const changed =
    say(
      'git',
      'status',
      '--porcelain',
      '--',
      ':(top)',
      ':(exclude)results.md',
      ':(exclude)results-live.md',
    ) !== '';
  return say('git', 'rev-parse', '--short', 'HEAD') + (changed ? ' and uncommitted changes' : '');
}

export const machine = () =>
  `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, ` +
  `Linux ${release()}, Node ${process.versions.node}, load average ${loadavg()[1].toFixed(1)}`;

export const versions = () =>
  [firstLine(say('tcpdump', '--version')), firstLine(say('tshark', '--version'))]
    .map((line) => line.replace(/\.$/, ''))
    .filter((line) => line !== '')
    .join(' · ');
