/** The units of packaging/, as systemd itself judges them. No systemd needs to run for it. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../src/base/root.ts';
import { withFile } from './kit/temporary.ts';

const FOLDER = join(packageRoot(), 'packaging');
const UNITS = readdirSync(FOLDER).filter((name) => name.endsWith('.service'));

const analyze = (...words: readonly string[]) =>
  spawnSync('systemd-analyze', words, { encoding: 'utf8' });

const why = analyze('--version').status === 0 ? null : 'systemd-analyze is not installed';

/** Tenths: exposure of 2.0, well inside what it calls OK. */
const THRESHOLD = '--threshold=20';

describe.skipIf(why !== null)(why ?? 'the units', () => {
  test.each(UNITS)('%s is hardened', (name) => {
    const asked = ['security', '--offline=true', THRESHOLD, join(FOLDER, name)];
    const { status, stdout } = analyze(...asked);
    expect(stdout).toMatch(/Overall exposure level/);
    expect([status, stdout.split('\n').findLast(Boolean)]).toEqual([0, expect.any(String)]);
  });

  test('a unit without hardening would be refused', () =>
    withFile('bare.service', Buffer.from('[Service]\nExecStart=/bin/true\n'), (path) => {
      const { status, stdout } = analyze('security', '--offline=true', THRESHOLD, path);
      expect(stdout).toMatch(/Overall exposure level for bare.service: 9/);
      expect(status).not.toBe(0);
      return Promise.resolve();
    }));
});

describe('what Node needs', () => {
  test.each(UNITS)('%s lets V8 write the code that it runs', (name) => {
    expect(readFileSync(join(FOLDER, name), 'utf8')).toMatch(/^MemoryDenyWriteExecute=no$/m);
  });
});
