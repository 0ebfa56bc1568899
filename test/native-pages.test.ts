/** Memory asked of the kernel ahead of its use (native/pages.h, native/flow/arena.h). */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { nativeProgram } from './native-program.ts';

test('a table has the pages that it reaches for, hardly more, and no huge ones where they are dear', {
  timeout: 300_000,
}, async () => {
  const program = await nativeProgram('test/native/pages_test.cc', [
    'native/source',
    'native/decode',
    'native/flow',
  ]);
  expect(execFileSync(program, { encoding: 'utf8' })).toMatch(
    /^\d{3} reaches, \d+ huge KiB, then none\n$/,
  );
});
