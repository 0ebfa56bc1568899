/** The way without any privilege in Node: a program that may capture writes, and `deadair read -` of a plain user reads. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../src/base/root.ts';
import { ended, printed, start } from './namespaces.ts';
import type { Recorder, Report } from './recorders.ts';

const NOBODY = ['--reuid', '65534', '--regid', '65534', '--clear-groups', '--no-new-privs'];
const CAPS = ['--inh-caps', '-all', '--ambient-caps', '-all', '--bounding-set', '-all'];

/** The command as a user without a single capability. */
export const AS_NOBODY: readonly string[] = [
  'setpriv',
  ...NOBODY,
  ...CAPS,
  join(packageRoot(), 'bin', 'deadair'),
];

async function reportOf(reader: ChildProcess): Promise<Report> {
  let [out, err] = ['', ''];
  reader.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
  reader.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  await new Promise((resolve) => reader.once('close', resolve));
  if (out === '') throw new Error(err);
  return JSON.parse(out) as Report;
}

export const recordPiped = (
  program: string,
  words: readonly string[],
  ready: RegExp,
): Recorder => ({
  name: `${program} -w - | deadair read -`,
  begin: async (gateway, _, shortest) => {
    const [setpriv = '', ...rest] = AS_NOBODY;
    const asked = ['read', '--json', '--quiet', '--shortest', shortest, '-'];
    const reader = spawn(setpriv, [...rest, ...asked], { stdio: ['pipe', 'pipe', 'pipe'] });
    const writer = start(gateway, [program, ...words]);
    const found = reportOf(reader);
    if (reader.stdin) writer.stdout?.pipe(reader.stdin);
    await printed(writer, ready);
    return async () => {
      await ended(writer, 'SIGINT');
      return found;
    };
  },
});

export const PIPES: readonly Recorder[] = [
  recordPiped('tcpdump', ['-i', 'in0', '-U', '-s', '256', '-w', '-', 'tcp'], /listening on/),
  recordPiped('dumpcap', ['-q', '-P', '-i', 'in0', '-s', '256', '-f', 'tcp', '-w', '-'], /File: -/),
];
