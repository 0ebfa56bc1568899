/** The readers as C++ under sanitizers: corners of the formats, libpcap’s opinion, files cut and changed anywhere. */
import { beforeAll, expect, test } from 'vitest';
import { haveShared, indexed } from './kit/shared.ts';
import { nativeProgram, run } from './native-program.ts';

const long = process.env['DEADAIR_LONG'] === '1';
const PARTS = ['native/source', 'test/native/source'];

let program: string;
beforeAll(async () => {
  program = await nativeProgram('test/native/source_test.cc', PARTS);
}, 600_000);

async function passes(words: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await run(program, words);
  expect(`${stderr}${status === 0 ? '' : stdout}`).toBe('');
  expect(status).toBe(0);
  return stdout;
}

const everything = [...indexed('world'), ...indexed('malformed')].map(({ path }) => path);
const small = everything.filter((_, i) => i % 7 === 0);

test('every corner of the formats is read as its text says', { timeout: 120_000 }, async () => {
  expect(await passes(['cases'])).toMatch(/\d+ cases hold\n$/);
});

test.skipIf(!haveShared)(
  'frames are what libpcap reads, mapped, in blocks and streamed (needs ../shared)',
  { timeout: 300_000 },
  async () => {
    expect(await passes(['compare', ...everything])).toMatch(/agree, 0 differ/);
  },
);

test.skipIf(!haveShared)(
  'changed captures neither crash nor hang, and both readers agree on them (needs ../shared)',
  { timeout: 1_200_000 },
  async () => {
    const count = long ? 20_000 : 2000;
    expect(await passes(['mutate', '1', String(count), ...everything])).toMatch(
      `${count} mutations`,
    );
  },
);

test.skipIf(!haveShared)(
  'captures cut anywhere give their good part (needs ../shared)',
  { timeout: 600_000 },
  async () => {
    const step = long ? '1' : '97';
    expect(await passes(['cut', step, ...small.slice(0, 12)])).toMatch(/cuts/);
  },
);

test.skipIf(!haveShared)(
  'the fuzz entry holds on every capture (needs ../shared)',
  { timeout: 600_000 },
  async () => {
    const fuzz = await nativeProgram('test/native/source_fuzz.cc', PARTS);
    const { status, stdout, stderr } = await run(fuzz, everything);
    expect(`${stderr}${status === 0 ? '' : stdout}`).toBe('');
    expect(stdout).toBe(`${everything.length} inputs\n`);
  },
);
