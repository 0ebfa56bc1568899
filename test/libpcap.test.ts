/** libpcap is loaded when something is asked of it: where it is not there, files are read all the same. */
import { execFileSync, spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../src/base/root.ts';

const bin = join(packageRoot(), 'bin', 'deadair');
const capture = join(packageRoot(), 'test', 'captures', 'lab', 'dnat-90', 'inside.pcap');

/** The files behind the linker's names for it. */
function libraries(): string[] {
  const listed = execFileSync('ldconfig', ['-p'], { encoding: 'utf8' });
  const paths = [...listed.matchAll(/libpcap\.so\S* .*=> (\S+)/g)].map(([, path = '']) => path);
  return [...new Set(paths.map((path) => realpathSync(path)))];
}

/** In a mount namespace of its own, in which nothing is in them. */
function without(...command: string[]) {
  const hidden = libraries().map((path) => `mount --bind /dev/null ${path}`);
  const script = [...hidden, 'exec "$@"'].join(' && ');
  const args = ['-m', 'sh', '-c', script, 'sh', ...command];
  return spawnSync('unshare', args, { encoding: 'utf8', timeout: 30_000 });
}

const canHide = libraries().length > 0 && without('true').status === 0;

describe.skipIf(!canHide)('without libpcap (needs root, for mounts of its own)', () => {
  test('a capture is read', () => {
    const { status, stdout } = without(bin, 'read', '--quiet', capture);
    expect(status).toBe(0);
    expect(stdout).toBe(execFileSync(bin, ['read', '--quiet', capture], { encoding: 'utf8' }));
  });

  test.each([
    ['a filter', ['read', '--quiet', '--filter', 'tcp', capture]],
    ['the list of interfaces', ['watch', '--list']],
    ['a live capture', ['watch', '-i', 'lo', '--for', '1s']],
  ])('%s is refused, and says what is missing', (_, args) => {
    const { status, stderr } = without(bin, ...args);
    expect(stderr).toMatch(
      /^deadair: libpcap cannot be loaded: .*libpcap.* \(E_ADDON_MISSING\)\n {2}hint: /,
    );
    expect(status).toBe(5);
  });

  test('the service lets a filter pass, which the analysis will refuse', () => {
    const role = join(packageRoot(), 'dist', 'src', 'filter-check.js');
    const ask = `import(${JSON.stringify(role)}).then(async ({ filterComplaint }) =>
      console.log(await filterComplaint('tcp port 80'), await filterComplaint('no filter')))`;
    const { stdout } = without(process.execPath, '--eval', ask);
    expect(stdout).toBe('null null\n');
    const there = execFileSync(process.execPath, ['--eval', ask], { encoding: 'utf8' });
    expect(there).toMatch(/^null .*syntax error/);
  });
});
