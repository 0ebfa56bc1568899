/**
 * The native core as plain C++ programs, under AddressSanitizer and UndefinedBehaviorSanitizer, or ThreadSanitizer: what a fuzzer links, and
 * what prints for a comparison with other programs. Objects are kept under node_modules/.cache by the hash of all that
 * went into them, so that only a change compiles again.
 */
import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../src/base/root.ts';

const root = packageRoot();
type Sanitizer = 'address,undefined' | 'thread';
const flagsOf = (sanitizer: Sanitizer): readonly string[] => [
  '-std=c++20',
  '-g',
  '-O1',
  `-fsanitize=${sanitizer}`,
  '-fno-sanitize-recover=all',
];
const LIBRARIES = ['-lpcap', '-lz', '-lzstd'];

const filesOf = (folder: string, ending: RegExp): readonly string[] =>
  readdirSync(join(root, folder))
    .filter((name) => ending.test(name))
    .sort()
    .map((name) => join(folder, name));

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

const HEADERS = [
  'native',
  ...['source', 'decode', 'flow', 'numbers'].map((stage) => `native/${stage}`),
  'test/native/source',
];

/** Hash of what every object depends on besides its own source. */
function surroundings(flags: readonly string[]): string {
  const hash = createHash('sha256').update(flags.join(' '));
  for (const folder of HEADERS)
    for (const file of filesOf(folder, /\.h$/))
      hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

const named = (...parts: readonly (string | Buffer)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').slice(0, 20);
};

/** Made under a name of its own first: tests beside this one, in this process too, never meet half a file. */
async function made(path: string, words: readonly string[]): Promise<string> {
  if (existsSync(path)) return path;
  const fresh = `${path}.${randomUUID()}`;
  const { status, stderr } = await run('g++', [...words, '-o', fresh]);
  if (status !== 0) throw new Error(`g++ ${words.join(' ')}:\n${stderr}`);
  renameSync(fresh, path);
  return path;
}

/** Two compilers at a time. */
async function objectsOf(
  cache: string,
  flags: readonly string[],
  sources: readonly string[],
): Promise<readonly string[]> {
  const around = surroundings(flags);
  const objects = sources.map((source) =>
    join(cache, `${named(around, source, readFileSync(join(root, source)))}.o`),
  );
  const left = [...sources.entries()];
  const worker = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop())
      await made(objects[next[0]] ?? '', [...flags, '-Inative', '-c', next[1]]);
  };
  await Promise.all([worker(), worker()]);
  return objects;
}

/** What reads captures and follows connections: all of native/ that a shard is made of. */
export const CORE = ['native/source', 'native/decode', 'native/flow'];

/** Path of the program whose main is `main`, linked with all of `parts` (folders under native/). */
export async function nativeProgram(
  main: string,
  parts: readonly string[],
  sanitizer: Sanitizer = 'address,undefined',
): Promise<string> {
  const flags = flagsOf(sanitizer);
  const cache = join(root, 'node_modules', '.cache', 'deadair');
  mkdirSync(cache, { recursive: true });
  const sources = [main, ...parts.flatMap((part) => filesOf(part, /\.cc$/))];
  const objects = await objectsOf(cache, flags, sources);
  return made(join(cache, named(objects.join())), [...flags, ...objects, ...LIBRARIES]);
}
