/** The units of packaging/, as systemd itself judges them. No systemd needs to run for it. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../src/base/root.ts';
import { withFile } from './kit/temporary.ts';

const FOLDER = join(packageRoot(), 'packaging');
const UNITS = readdirSync(FOLDER).filter((name) => name.endsWith('.service'));

const DROP_INS = readdirSync(FOLDER).filter((name) => name.endsWith('.conf'));

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

/** Which unit a drop-in belongs to is its first line. */
const unitOf = (text: string): string => /^# Drop-in for (\S+\.service)/.exec(text)?.[1] ?? '';

const texts = DROP_INS.map((name) => [name, readFileSync(join(FOLDER, name), 'utf8')] as const);

describe.skipIf(why !== null)(why ?? 'the units with their drop-ins', () => {
  test.each(texts)('with %s the unit is still hardened', (_, text) => {
    const unit = readFileSync(join(FOLDER, unitOf(text)), 'utf8');
    return withFile('with.service', Buffer.from(`${unit}\n${text}`), (path) => {
      const { status, stdout } = analyze('security', '--offline=true', THRESHOLD, path);
      expect(stdout).toMatch(/CAP_NET_RAW|Overall exposure level/);
      expect(status).toBe(0);
      expect(analyze('verify', path).stderr).not.toMatch(/with\.service/);
      return Promise.resolve();
    });
  });
});

describe('the drop-ins', () => {
  test.each(texts)('%s says which unit it is for, and that unit names it', (name, text) => {
    expect(UNITS).toContain(unitOf(text));
    expect(readFileSync(join(FOLDER, unitOf(text)), 'utf8')).toContain(name);
  });

  test('`serve --watch` may capture with its own, and with the unit alone it may not', () => {
    const text = readFileSync(join(FOLDER, 'deadair-serve-watch.conf'), 'utf8');
    const watching = readFileSync(join(FOLDER, 'deadair-watch.service'), 'utf8');
    const serving = readFileSync(join(FOLDER, 'deadair-serve.service'), 'utf8');
    for (const line of ['AmbientCapabilities=CAP_NET_RAW', 'CapabilityBoundingSet=CAP_NET_RAW']) {
      expect(text.split('\n')).toContain(line);
      expect(watching.split('\n')).toContain(line);
      expect(serving.split('\n')).not.toContain(line);
    }
  });
});

describe('what Node needs', () => {
  test.each(UNITS)('%s lets V8 write the code that it runs', (name) => {
    expect(readFileSync(join(FOLDER, name), 'utf8')).toMatch(/^MemoryDenyWriteExecute=no$/m);
  });
});
