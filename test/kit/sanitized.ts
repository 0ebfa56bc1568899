/**
 * The native code under AddressSanitizer and UndefinedBehaviorSanitizer: once as plain C++ with a stand-alone fuzz
 * driver, once as an addon that node loads. Both are linked from the same objects; objects are kept while newer than
 * what they are made of, in a folder that `node-gyp rebuild` does not empty.
 */
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
import { join } from 'node:path';
import { packageRoot } from '../../src/base/root.ts';
import { mutated } from './mutations.js';

export interface Sanitized {
  /** The driver of test/native/all_fuzz.cc; rejects with the sanitizer's report. */
  fuzz(args: readonly string[]): Promise<string>;
  /** A second deadair.node, and what node's environment needs to load it. */
  readonly addon: string;
  readonly env: Readonly<Record<string, string>>;
}

const SANITIZERS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
const FLAGS = ['-std=c++20', '-g', '-O1', '-fno-omit-frame-pointer', '-fno-rtti', '-fPIC'];
const LIBRARIES = ['-lz', '-lzstd'];
const STAGES = ['source', 'decode', 'flow', 'numbers'];

const native = join(packageRoot(), 'native');

const filesOf = (stage: string, ending: string): readonly string[] =>
  readdirSync(join(native, stage))
    .filter((name) => name.endsWith(ending))
    .map((name) => join(native, stage, name));

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

function isFresh(target: string, inputs: readonly string[]): boolean {
  try {
    const made = statSync(target).mtimeMs;
    return inputs.every((input) => statSync(input).mtimeMs < made);
  } catch {
    return false;
  }
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

function compiling(): readonly string[] {
  const api = join(packageRoot(), 'node_modules', 'node-addon-api');
  const include = [native, nodeHeaders(), api].flatMap((folder) => ['-I', folder]);
  return [...FLAGS, ...SANITIZERS, ...defines(), ...include];
}

/** One object a source, two at a time. */
async function compiled(sources: readonly string[], folder: string): Promise<readonly string[]> {
  const flags = compiling();
  const shared = ['.', ...STAGES, 'addon'].flatMap((stage) => filesOf(stage, '.h'));
  const inputs = [...shared, join(packageRoot(), 'binding.gyp')];
  const jobs = sources.map((source) => {
    const name = source.slice(packageRoot().length + 1).replaceAll('/', '-');
    return { source, object: join(folder, `${name}.o`) };
  });
  const left = jobs.filter(({ source, object }) => !isFresh(object, [source, ...inputs]));
  const worker = async (): Promise<void> => {
    for (let job = left.pop(); job !== undefined; job = left.pop()) {
      await command('g++', [...flags, '-c', job.source, '-o', job.object]);
    }
  };
  await Promise.all([worker(), worker()]);
  return jobs.map(({ object }) => object);
}

async function linked(
  target: string,
  objects: readonly string[],
  ...how: readonly string[]
): Promise<void> {
  if (isFresh(target, objects)) return;
  await command('g++', [...SANITIZERS, ...how, ...objects, ...LIBRARIES, '-o', target]);
}

/** The run-times come before node, which was built without them. */
async function preloaded(): Promise<Readonly<Record<string, string>>> {
  const find = async (name: string): Promise<string> =>
    (await command('g++', [`-print-file-name=${name}`])).trim();
  return {
    LD_PRELOAD: `${await find('libasan.so')} ${await find('libubsan.so')}`,
    // V8 frees nothing at exit; leaks of ours show as growth in native-safety.test.ts.
    ASAN_OPTIONS: 'detect_leaks=0',
  };
}

export async function buildSanitized(): Promise<Sanitized> {
  const folder = join(packageRoot(), 'node_modules', '.cache', 'deadair-sanitized');
  mkdirSync(folder, { recursive: true });
  const [driver, addon] = [join(folder, 'all_fuzz'), join(folder, 'deadair.node')];
  const core = await compiled(
    STAGES.flatMap((stage) => filesOf(stage, '.cc')),
    folder,
  );
  const fuzz = join(packageRoot(), 'test', 'native', 'all_fuzz.cc');
  await linked(driver, [...core, ...(await compiled([fuzz], folder))]);
  const border = await compiled(filesOf('addon', '.cc'), folder);
  await linked(addon, [...core, ...border], '-shared');
  const strict = { ...process.env, ASAN_OPTIONS: 'detect_leaks=1' };
  return { fuzz: (args) => command(driver, args, strict), addon, env: await preloaded() };
}

/** Every mutation behind its length (32 bits, little-endian): what the driver reads. */
export function corpus(path: string, good: readonly string[], count: number): void {
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
