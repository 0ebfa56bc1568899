/**
 * The addon in threads that are stopped at any moment leaves nothing behind: no descriptor, no thread, no mapping of
 * the capture, no memory.
 */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../src/base/root.ts';
import { labFile } from './kit/lab.ts';
import { releaseAddon } from './kit/native-process.ts';
import { command } from './kit/sanitized.ts';

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
