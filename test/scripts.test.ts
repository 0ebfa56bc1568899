/** The scripts that a new machine meets first, run for real; apt-get and its neighbours are stand-ins. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ROOT } from './house/tree.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'deadair-scripts-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Stand-ins on the PATH, each a shell script. */
function standIns(programs: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const [name, body] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return {
    ...process.env,
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    DEADAIR_POLICY_RC_D: policy(),
  };
}

const policy = (): string => join(folder, 'policy-rc.d');
const log = (): string => join(folder, 'log');
const logged = (): string[] =>
  existsSync(log()) ? readFileSync(log(), 'utf8').trimEnd().split('\n') : [];

const HAS_MAKE_ONLY = 'for last; do :; done; [ "$last" = make ] && printf installed';
const writes = (line: string): string => `echo "${line}" >> ${log()}`;

const packages = (env: NodeJS.ProcessEnv, ...names: string[]) =>
  spawnSync('bash', ['scripts/packages.sh', ...names], { cwd: ROOT, env, encoding: 'utf8' });

test('only the missing packages are installed, without questions, and no service may start', () => {
  const env = standIns({
    id: 'echo 0',
    'dpkg-query': HAS_MAKE_ONLY,
    'apt-get': writes(`$DEBIAN_FRONTEND $* policy=$(sh ${policy()}; echo $?)`),
  });
  expect(packages(env, 'make', 'tshark', 'zlib1g-dev').status).toBe(0);
  expect(logged()).toEqual([
    'noninteractive -q -y update policy=101',
    'noninteractive -q -y install --no-install-recommends tshark zlib1g-dev policy=101',
  ]);
  expect(existsSync(policy())).toBe(false);
});

test('a service that comes with a missing package does not wait for the next boot either', () => {
  const units = join(folder, 'units');
  mkdirSync(units);
  for (const name of ['haproxy', 'make']) writeFileSync(join(units, `${name}.service`), '');
  const env = standIns({
    id: 'echo 0',
    'dpkg-query': HAS_MAKE_ONLY,
    'apt-get': 'true',
    systemctl: writes('$*'),
  });
  const { status } = packages({ ...env, DEADAIR_UNITS: units }, 'make', 'haproxy', 'tshark');
  expect([status, logged()]).toEqual([0, ['--quiet disable haproxy.service']]);
});

test('where everything is there, apt-get is not even asked', () => {
  const env = standIns({ 'dpkg-query': HAS_MAKE_ONLY, 'apt-get': writes('called') });
  expect(packages(env, 'make').status).toBe(0);
  expect(logged()).toEqual([]);
});

test('a plain user goes through sudo', () => {
  const env = standIns({
    id: 'echo 1000',
    sudo: `${writes('sudo')}; "$@"`,
    'dpkg-query': HAS_MAKE_ONLY,
    'apt-get': writes('$1 $2 $3'),
  });
  expect(packages(env, 'tshark').status).toBe(0);
  expect(logged().join(' ')).toMatch(/sudo -q -y update sudo -q -y install/);
});

test('when apt-get fails, the set-up says so and stops', () => {
  const env = standIns({ id: 'echo 0', 'dpkg-query': HAS_MAKE_ONLY, 'apt-get': 'exit 100' });
  const { status, stderr } = packages(env, 'tshark');
  expect(status).toBe(1);
  expect(stderr).toContain('apt-get could not install tshark');
});

test('an old Node is refused with a sentence', () => {
  const env = standIns({ node: '[ "$1" = --version ] && echo v18.19.0; [ "$1" != -e ]' });
  const { status, stderr } = spawnSync('bash', ['scripts/setup.sh'], {
    cwd: ROOT,
    env,
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stderr).toContain('Node.js 20.19 or newer is needed; this is v18.19.0');
});

test('the last line counts every test, a file that does not load as failed, a skip with its reason', () => {
  writeFileSync(
    join(folder, 'a.test.js'),
    `test('one', () => {}); test('two', () => { throw new Error('x'); });
     test('three', (ctx) => ctx.skip('no tshark here'));`,
  );
  writeFileSync(join(folder, 'broken.test.js'), `import './nowhere.js';`);
  const args = [
    'run',
    '--globals',
    '--root',
    folder,
    `--reporter=${join(ROOT, 'scripts/tally.js')}`,
  ];
  const vitest = spawnSync(join(ROOT, 'node_modules/.bin/vitest'), args, {
    cwd: folder,
    env: { ...process.env, DEADAIR_TALLY: log() },
    encoding: 'utf8',
  });
  expect(vitest.status).toBe(1);
  expect(logged()).toEqual([
    expect.stringContaining('three (no tshark here)'),
    'failed: broken.test.js could not be run',
    '1 passed, 2 failed, 1 skipped',
  ]);
});
