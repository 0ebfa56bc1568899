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
function without(...args: string[]) {
  const hidden = libraries().map((path) => `mount --bind /dev/null ${path}`);
  const script = [...hidden, 'exec "$@"'].join(' && ');
  return spawnSync('unshare', ['-m', 'sh', '-c', script, 'sh', bin, ...args], { encoding: 'utf8' });
}

const canUnshare = spawnSync('unshare', ['-m', 'true']).status === 0;

describe.skipIf(!canUnshare)('without libpcap (needs unshare -m)', () => {
  test('a capture is read', () => {
    const { status, stdout } = without('read', '--quiet', capture);
    expect(status).toBe(0);
    expect(stdout).toBe(execFileSync(bin, ['read', '--quiet', capture], { encoding: 'utf8' }));
  });

  test.each([
    ['a filter', ['read', '--quiet', '--filter', 'tcp', capture]],
    ['the list of interfaces', ['watch', '--list']],
    ['a live capture', ['watch', '-i', 'lo']],
  ])('%s is refused, and says what is missing', (_, args) => {
    const { status, stderr } = without(...args);
    expect(stderr).toMatch(
      /^deadair: libpcap cannot be loaded: .*libpcap.* \(E_ADDON_MISSING\)\n {2}hint: /,
    );
    expect(status).toBe(5);
  });
});
