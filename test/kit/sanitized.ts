/** The plain C++ of native/ with a stand-alone fuzz driver, built under ASan and UBSan into the build folder. */
import { execFile } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../src/base/root.ts';
import { mutated } from './mutations.js';

export interface Sanitized {
  /** Rejects with the sanitizer's report. */
  run(args: readonly string[]): Promise<string>;
}

const FLAGS = [
  '-std=c++20',
  '-g',
  '-O1',
  '-fno-omit-frame-pointer',
  '-fsanitize=address,undefined',
];
const STRICT = ['-fno-sanitize-recover=all', '-D_FILE_OFFSET_BITS=64'];

export const NATIVE_STAGES = ['source', 'decode', 'flow'] as const;

export function nativeSources(): readonly string[] {
  const native = join(packageRoot(), 'native');
  return NATIVE_STAGES.flatMap((stage) =>
    readdirSync(join(native, stage))
      .filter((name) => name.endsWith('.cc'))
      .map((name) => join(native, stage, name)),
  );
}

export function command(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: 1 << 26, env };
    execFile(file, [...args], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${file}: ${error.signal ?? error.code}\n${stderr.slice(0, 6000)}`));
    });
  });
}

const newest = (files: readonly string[]): number =>
  Math.max(...files.map((file) => statSync(file).mtimeMs));

function isFresh(target: string, inputs: readonly string[]): boolean {
  try {
    return statSync(target).mtimeMs > newest(inputs);
  } catch {
    return false;
  }
}

function headers(): readonly string[] {
  const native = join(packageRoot(), 'native');
  return ['.', ...NATIVE_STAGES].flatMap((stage) =>
    readdirSync(join(native, stage))
      .filter((name) => name.endsWith('.h'))
      .map((name) => join(native, stage, name)),
  );
}

/** One object a source, two at a time; what is newer than its source and every header is kept. */
export async function compileAll(
  sources: readonly string[],
  flags: readonly string[],
  folder: string,
): Promise<readonly string[]> {
  mkdirSync(folder, { recursive: true });
  const common = headers();
  const jobs = sources.map((source) => {
    const object = `${source.slice(packageRoot().length + 1).replaceAll('/', '-')}.o`;
    return { source, object: join(folder, object) };
  });
  const left = jobs.filter(({ source, object }) => !isFresh(object, [source, ...common]));
  const worker = async (): Promise<void> => {
    for (let job = left.pop(); job !== undefined; job = left.pop()) {
      await command('g++', [
        ...flags,
        '-I',
        join(packageRoot(), 'native'),
        '-c',
        job.source,
        '-o',
        job.object,
      ]);
    }
  };
  await Promise.all([worker(), worker()]);
  return jobs.map(({ object }) => object);
}

export async function buildSanitized(): Promise<Sanitized> {
  const folder = join(packageRoot(), 'build', 'sanitized');
  const target = join(folder, 'all_fuzz');
  const driver = join(packageRoot(), 'test', 'native', 'all_fuzz.cc');
  const flags = [...FLAGS, ...STRICT];
  const objects = await compileAll([...nativeSources(), driver], flags, folder);
  if (!isFresh(target, objects)) {
    await command('g++', [...flags, ...objects, '-lpcap', '-lz', '-lzstd', '-o', target]);
  }
  const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=1:allocator_may_return_null=0' };
  return { run: (args) => command(target, args, env) };
}

/** Every mutation behind its length (32 bits, little-endian): what the driver reads. */
export function corpus(path: string, good: readonly string[], count: number): void {
  mkdirSync(dirname(path), { recursive: true });
  const originals = good.map((file) => readFileSync(file));
  const file = openSync(path, 'w');
  for (let seed = 0; seed < count; seed++) {
    const bytes = mutated(originals, seed);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    writeSync(file, Buffer.concat([length, bytes]));
  }
  closeSync(file);
}

export interface SanitizedAddon {
  readonly path: string;
  /** The sanitizers' run-times, loaded before node, which was built without them. */
  readonly env: Readonly<Record<string, string>>;
}

/** The preprocessor's words as binding.gyp has them. */
function defines(): readonly string[] {
  const text = readFileSync(join(packageRoot(), 'binding.gyp'), 'utf8');
  const gyp = JSON.parse(text) as { targets: readonly [{ defines: readonly string[] }] };
  return gyp.targets[0].defines.map((define) => `-D${define}`);
}

/** Where node-gyp found or put the headers of this node: build/config.gypi says. */
function nodeHeaders(): string {
  const config = readFileSync(join(packageRoot(), 'build', 'config.gypi'), 'utf8');
  const found = /"nodedir": "([^"]+)"/.exec(config)?.[1];
  if (found === undefined) throw new Error('build/config.gypi names no nodedir: run npm run build');
  return join(found, 'include', 'node');
}

/** A second deadair.node, in build/sanitized-addon. */
export async function buildSanitizedAddon(): Promise<SanitizedAddon> {
  const folder = join(packageRoot(), 'build', 'sanitized-addon');
  const path = join(folder, 'deadair.node');
  const api = join(packageRoot(), 'node_modules', 'node-addon-api');
  const include = ['-I', nodeHeaders(), '-I', api];
  const flags = [...FLAGS, ...STRICT, '-fPIC', '-fno-rtti', ...defines(), ...include];
  const sources = [...nativeSources(), join(packageRoot(), 'native', 'addon.cc')];
  const objects = await compileAll(sources, flags, folder);
  if (!isFresh(path, objects)) {
    await command('g++', [...FLAGS, '-shared', ...objects, '-lpcap', '-lz', '-lzstd', '-o', path]);
  }
  return { path, env: await preloaded() };
}

async function preloaded(): Promise<Readonly<Record<string, string>>> {
  const find = async (name: string): Promise<string> =>
    (await command('g++', [`-print-file-name=${name}`])).trim();
  return {
    LD_PRELOAD: `${await find('libasan.so')} ${await find('libubsan.so')}`,
    // V8 frees nothing at exit; leaks of ours show as growth in the test of the worker threads.
    ASAN_OPTIONS: 'detect_leaks=0',
  };
}
