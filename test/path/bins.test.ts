/** The bins in which survived silences are counted: fine enough that nobody notices. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { binOf, binRange } from '../../src/path/bins.ts';

test('a bin is 1 % wide and holds what falls into it', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1_000_000n, max: 30n * 86_400n * 1_000_000_000n }), (ns) => {
      const { lowNs, highNs } = binRange(binOf(ns));
      expect(highNs / lowNs).toBeCloseTo(1.01, 9);
      expect(Number(ns)).toBeGreaterThanOrEqual(lowNs * (1 - 1e-9));
      expect(Number(ns)).toBeLessThanOrEqual(highNs * (1 + 1e-9));
    }),
  );
});

test('a longer silence never falls into an earlier bin', () => {
  const length = fc.bigInt({ min: 0n, max: 2n ** 63n });
  fc.assert(
    fc.property(length, length, (a, b) => {
      const [shorter, longer] = a < b ? [a, b] : [b, a];
      expect(binOf(shorter)).toBeLessThanOrEqual(binOf(longer));
    }),
  );
});

test('below a millisecond and beyond all calendars there is one bin each', () => {
  expect([binOf(0n), binOf(999_999n), binOf(1_000_000n)]).toEqual([0, 0, 0]);
  expect(binOf(2n ** 64n - 1n)).toBeLessThanOrEqual(4095);
});
