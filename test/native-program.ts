/**
 * The native core as plain C++ programs, under AddressSanitizer and UndefinedBehaviorSanitizer: what a fuzzer links, and
 * what prints for a comparison with other programs. A program is kept under node_modules/.cache by the hash of
 * everything that went into it, so that only a change compiles again.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../src/base/root.ts';

const root = packageRoot();
const FLAGS = [
  '-std=c++20',
  '-g',
  '-O1',
  '-fsanitize=address,undefined',
  '-fno-sanitize-recover=all',
];
const LIBRARIES = ['-lpcap', '-lz', '-lzstd'];

const filesOf = (folder: string, ending: RegExp): readonly string[] =>
  readdirSync(join(root, folder))
    .filter((name) => ending.test(name))
    .sort()
    .map((name) => join(folder, name));

const SOURCE = /\.cc$/;

export interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function run(program: string, words: readonly string[]): Promise<Run> {
  return new Promise((resolve) => {
    const options = { cwd: root, maxBuffer: 1 << 29 };
    execFile(program, [...words], options, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ status, stdout, stderr });
    });
  });
}

/** Everything that can change the program: every source and header of the parts, and how it is compiled. */
function fingerprint(sources: readonly string[], parts: readonly string[]): string {
  const hash = createHash('sha256').update(FLAGS.join(' '));
  const read = new Set([...sources, ...filesOf('native', /\.h$/)]);
  for (const part of parts) for (const file of filesOf(part, /\.(?:h|cc)$/)) read.add(file);
  for (const file of read) hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest('hex').slice(0, 16);
}

async function compile(program: string, sources: readonly string[]): Promise<void> {
  const fresh = `${program}.${process.pid}`;
  const words = [...FLAGS, '-Inative', ...sources, ...LIBRARIES, '-o', fresh];
  const { status, stderr } = await run('g++', words);
  if (status !== 0) throw new Error(`g++ could not compile ${sources[0]}:\n${stderr}`);
  renameSync(fresh, program);
}

/** Path of the program whose main is `main`, linked with all of `parts` (folders under native/). */
export async function nativeProgram(main: string, parts: readonly string[]): Promise<string> {
  const sources = [main, ...parts.flatMap((part) => filesOf(part, SOURCE))];
  const folder = join(root, 'node_modules', '.cache', 'deadair');
  mkdirSync(folder, { recursive: true });
  const program = join(folder, fingerprint(sources, [...parts, 'native/flow']));
  if (!existsSync(program)) await compile(program, sources);
  return program;
}
