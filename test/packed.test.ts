/** The command as it is installed: packed, from V8's code cache, started by bin/deadair under its own flags or none. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../src/base/root.ts';

const bin = join(packageRoot(), 'bin', 'deadair');
const bundle = join(packageRoot(), 'dist', 'bundle');
const capture = join(packageRoot(), 'test', 'captures', 'lab', 'mixed-reject', 'inside.pcap');
const words = ['read', '--quiet', '--json', '--shortest', '2s', '--workers'];

const read = (workers: string, ...before: string[]): string =>
  execFileSync(before[0] ?? bin, [...before.slice(1), ...words, workers, capture], {
    encoding: 'utf8',
  });

test('packed, it has a code cache for either way to start it', (ctx) => {
  if (!existsSync(join(bundle, 'cli.cjs'))) ctx.skip('not packed: npm run build');
  const caches = readdirSync(bundle).filter((name) => name.endsWith('.cache'));
  expect(caches).toContain('cli.cjs.flags.cache');
  expect(caches).toContain('cli.cjs.plain.cache');
});

test('it says the same in its own thread, in one worker and in two, under its flags and without', () => {
  const alone = read('0');
  expect(JSON.parse(alone)).toMatchObject({ schema: 'deadair.report/1' });
  expect(read('1')).toBe(alone);
  expect(read('2')).toBe(alone);
  expect(read('2', process.execPath, bin)).toBe(alone);
}, 60_000);
