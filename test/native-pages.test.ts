/** Memory asked of the kernel ahead of its use (native/pages.h, native/flow/arena.h). */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CORE, nativeProgram } from './native-program.ts';

/** Documentation/admin-guide/mm/transhuge.rst of the kernel. */
const SWITCH = '/sys/kernel/mm/transparent_hugepage/enabled';
const grantsHuge = existsSync(SWITCH) && !readFileSync(SWITCH, 'utf8').includes('[never]');

test('a table has the pages that it reaches for, hardly more, and no huge ones where they are dear', {
  timeout: 300_000,
}, async () => {
  const program = await nativeProgram('test/native/pages_test.cc', CORE);
  expect(execFileSync(program, { encoding: 'utf8' })).toMatch(
    grantsHuge
      ? /^\d{3} reaches, [1-9]\d* huge KiB, then none\n$/
      : /^\d{3} reaches, 0 huge KiB, then none\n$/,
  );
});
