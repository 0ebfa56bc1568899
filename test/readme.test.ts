/** What the README shows is what the command prints, line by line. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { ROOT, read } from './house/tree.ts';

const LEFT_OUT = '…';

/** Examples: a console block whose first line is the command, `…` where lines are left out. */
const examples = [
  ...read('README.md').text.matchAll(/^```console\n\$ (.+)\n([\s\S]*?)^```$/gm),
].map(([, command = '', shown = '']) => ({ command, shown: shown.trimEnd().split('\n') }));

/** The stretches between two `…`, each to be found whole, one behind the other. */
function stretches(lines: readonly string[]): string[] {
  return lines
    .join('\n')
    .split(`\n${LEFT_OUT}\n`)
    .map((stretch) => `${stretch}\n`);
}

test('the README shows at least one example', () => {
  expect(examples.length).toBeGreaterThan(0);
});

test.each(examples)('$command prints what the README shows', ({ command, shown }) => {
  const { stdout, status } = spawnSync('bash', ['-c', command], { cwd: ROOT, encoding: 'utf8' });
  expect(status).toBe(0);
  let rest = stdout;
  for (const stretch of stretches(shown)) {
    expect(rest).toContain(stretch);
    rest = rest.slice(rest.indexOf(stretch) + stretch.length);
  }
});
