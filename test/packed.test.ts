/** The command as it is installed: packed, from V8's code cache, started by bin/deadair, or by Node under other flags. */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../src/base/root.ts';
import { withFolder } from './kit/temporary.ts';

const bin = join(packageRoot(), 'bin', 'deadair');
const bundle = join(packageRoot(), 'dist', 'bundle');
const capture = join(packageRoot(), 'test', 'captures', 'lab', 'mixed-reject', 'inside.pcap');
const words = ['read', '--quiet', '--json', '--shortest', '2s', '--workers'];

const read = (workers: string, ...before: string[]): string =>
  execFileSync(before[0] ?? bin, [...before.slice(1), ...words, workers, capture], {
    encoding: 'utf8',
  });

/** What `node ARGS` knows when `probe` runs before it ends. */
function probed(folder: string, probe: string, args: readonly string[]): string[] {
  const [file, answer] = [join(folder, 'probe.cjs'), join(folder, 'answer')];
  const keep = `require('node:fs').writeFileSync(${JSON.stringify(answer)}, JSON.stringify(${probe}))`;
  writeFileSync(file, `process.on('exit', () => ${keep});`);
  const out = openSync(join(folder, 'out'), 'w');
  execFileSync(process.execPath, ['--require', file, ...args], { stdio: ['ignore', out, 'pipe'] });
  closeSync(out);
  return JSON.parse(readFileSync(answer, 'utf8')) as string[];
}

const packed = JSON.stringify(join(packageRoot(), 'bin', 'packed.js'));

test('packed, all that a read runs comes from the code cache', (ctx) => {
  ctx.skip(!existsSync(join(bundle, 'cli.cjs')), 'not packed: npm run build');
  return withFolder(async (folder) => {
    const rejected = `[...require(${packed}).loaded].map(([file, { script }]) => script.cachedDataRejected + file)`;
    const scripts = probed(folder, rejected, [bin, ...words, '0', capture]);
    expect(scripts.length).toBeGreaterThan(1);
    expect(scripts.filter((one) => !one.startsWith('false'))).toEqual([]);
  });
});

test('a small capture loads no network, no streams and no cryptography of Node', () =>
  withFolder(async (folder) => {
    const list = probed(folder, 'process.moduleLoadList', [bin, ...words, '0', capture]);
    const loaded = list.map((line) => line.replace('NativeModule ', ''));
    const dear = ['net', 'stream', 'crypto', 'child_process', 'worker_threads', 'http', 'zlib'];
    expect(loaded).toContain('fs');
    expect(loaded.filter((name) => dear.includes(name))).toEqual([]);
  }));

test('a pack that was made for another loader is left alone, the modules as compiled are run', () =>
  withFolder(async (folder) => {
    const inside = (name: string): string => join(folder, name);
    cpSync(join(packageRoot(), 'bin'), inside('bin'), { recursive: true });
    for (const dir of ['dist/bundle', 'dist/src']) mkdirSync(inside(dir), { recursive: true });
    const says = (word: string): string => `exports.main = () => console.log('${word}');`;
    writeFileSync(inside('dist/src/package.json'), '{"type":"commonjs"}');
    writeFileSync(inside('dist/src/cli.js'), says('compiled'));
    writeFileSync(inside('dist/bundle/cli.cjs'), `(function (exports) {${says('packed')}})`);
    const run = (): string => execFileSync(inside('bin/deadair'), { encoding: 'utf8' }).trim();
    utimesSync(inside('bin/packed.js'), 1000, 1000);
    expect(run()).toBe('packed');
    utimesSync(inside('dist/bundle/cli.cjs'), 999, 999);
    expect(run()).toBe('compiled');
  }));

test('a thread of the pack runs one packed file', (ctx) => {
  ctx.skip(!existsSync(join(bundle, 'cli.cjs')), 'not packed: npm run build');
  return withFolder(async (folder) => {
    const [file, answer] = [join(folder, 'watch.cjs'), join(folder, 'answer')];
    // Threads are started with their parent's --require.
    const watch = `
      const Module = require('node:module');
      const load = Module._load;
      Module._load = function (id, ...rest) {
        if (/shard\\.c?js$/.test(id)) require('node:fs').appendFileSync(${JSON.stringify(answer)}, id);
        return load.call(this, id, ...rest);
      };`;
    writeFileSync(file, watch);
    read('1', process.execPath, '--require', file, bin);
    expect(readFileSync(answer, 'utf8')).toBe(join(bundle, 'shard.cjs'));
  });
});

test('a code cache that is none costs time only', () =>
  withFolder(async (folder) => {
    const file = join(folder, 'x.cjs');
    writeFileSync(file, '(function (exports) { exports.answer = 42; })');
    writeFileSync(`${file}.cache`, 'of another Node');
    const { load } = createRequire(import.meta.url)(JSON.parse(packed) as string) as {
      load: (path: string) => unknown;
    };
    expect(load(file)).toEqual({ answer: 42 });
  }));

test('it says the same in its own thread, in one worker and in two', () => {
  const alone = read('0');
  expect(JSON.parse(alone)).toMatchObject({ schema: 'deadair.report/1' });
  expect(read('1')).toBe(alone);
  expect(read('2')).toBe(alone);
  expect(read('2', process.execPath, '--min-semi-space-size=16', bin)).toBe(alone);
}, 60_000);
