/** What is counted instead of recorded (native/flow/notes.h), asked at any moment. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { CORE, nativeProgram } from './native-program.ts';

const EVENTS = 5000;

test('whenever bins are asked for, every silence before is in one, or counted as in none', {
  timeout: 300_000,
}, async () => {
  const program = await nativeProgram('test/native/notes_test.cc', CORE);
  for (const seed of ['1', '2', '3']) {
    const said = execFileSync(program, [String(EVENTS), seed], { encoding: 'utf8' });
    expect(said).toMatch(
      new RegExp(`^${EVENTS} silences, asked 1\\d{3} times, [1-9]\\d{3} in no row\n$`),
    );
  }
});
