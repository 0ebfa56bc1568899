/**
 * The addon in threads that are stopped at any moment leaves nothing behind: no descriptor, no thread, no mapping of
 * the capture, no memory; and once, all of it under AddressSanitizer and UndefinedBehaviorSanitizer.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../src/base/root.ts';
import { labFile } from './kit/lab.ts';
import { inProcess, releaseAddon } from './kit/native-process.ts';
import { buildSanitizedAddon, command, type SanitizedAddon } from './kit/sanitized.ts';

const RUNS = process.env['DEADAIR_LONG'] === '1' ? 1000 : 200;

interface Held {
  readonly descriptors: number;
  readonly threads: number;
  readonly residentMiB: number;
  readonly mappedCaptures: number;
}

test(`${RUNS} worker threads stopped at random moments leave nothing behind`, async () => {
  const script = join(packageRoot(), 'test', 'kit', 'native-abuse.js');
  const capture = labFile('restart-mixed', 'gateway.pcapng');
  const args = ['--expose-gc', script, releaseAddon(), capture, String(RUNS)];
  const { before, after } = JSON.parse(await command(process.execPath, args)) as Record<
    string,
    Held
  >;
  expect(after?.mappedCaptures).toBe(0);
  expect(after?.descriptors).toBe(before?.descriptors);
  expect(after?.threads).toBe(before?.threads);
  // V8 keeps some pages of dead isolates; an analysis left behind in each run would be hundreds of MiB.
  expect(after?.residentMiB).toBeLessThan((before?.residentMiB ?? 0) + 40);
}, 600_000);

describe('the addon itself under AddressSanitizer and UndefinedBehaviorSanitizer', () => {
  let sanitized: SanitizedAddon;
  beforeAll(async () => {
    sanitized = await buildSanitizedAddon();
  }, 400_000);

  test('reads every capture of the lab without a report', async () => {
    const listed = execFileSync('find', [
      join(packageRoot(), 'test', 'captures', 'lab'),
      '-name',
      '*.pcap*',
    ]);
    const files = listed.toString().trim().split('\n');
    expect(files.length).toBeGreaterThan(60);
    const { path: addon, env } = sanitized;
    const { outcomes } = await inProcess({ files }, { addon, env, timeoutMs: 110_000 });
    expect(outcomes.filter(({ complete, addsUp }) => !complete || !addsUp)).toEqual([]);
  }, 120_000);

  test('and three hundred damaged ones', async () => {
    const good = ['inside.pcap', 'gateway.pcapng'].map((file) => labFile('reject', file));
    expect(good.map((file) => readFileSync(file).length > 0)).toEqual([true, true]);
    const { path: addon, env } = sanitized;
    const task = { mutate: good, from: 0, until: 300 };
    expect((await inProcess(task, { addon, env, timeoutMs: 110_000 })).outcomes).toHaveLength(300);
  }, 120_000);
});
