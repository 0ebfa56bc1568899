/** The decoder under seeded mutations and sanitizers: it reads nothing but the frame, and keeps what decode.h promises. */
import { expect, test } from 'vitest';
import { nativeProgram, run } from './native-program.ts';

const iterations = process.env['DEADAIR_LONG'] === '1' ? 5_000_000 : 200_000;

/** What mutations of whole packets cannot fail to meet. */
const FATES = [
  ...[
    'tcp',
    'icmp-quote',
    'not-ip',
    'not-tcp',
    'fragment',
    'encrypted',
    'link-type-unknown',
    'empty',
  ],
  ...['truncated-link', 'truncated-ip', 'truncated-tcp', 'malformed-ip', 'malformed-tcp'],
];

test('mutated frames meet every fate and break no promise', { timeout: 600_000 }, async () => {
  const program = await nativeProgram('test/native/decode_fuzz.cc', ['native/decode']);
  const { status, stdout, stderr } = await run(program, [String(iterations), '1']);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const counts = new Map(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [fate = '', count = ''] = line.split(' ');
        return [fate, Number(count)];
      }),
  );
  for (const glanced of ['glanced', 'glanced-in-vxlan']) {
    expect(counts.get(glanced)).toBeGreaterThan(1000);
    counts.delete(glanced);
  }
  expect(FATES.filter((fate) => !counts.get(fate))).toEqual([]);
  expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(iterations);
});
