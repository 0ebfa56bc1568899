import fc from 'fast-check';
import { expect, test } from 'vitest';
import { orderOf } from '../../src/capture/numbers.ts';

test('indexes come in the order of their numbers, equal ones in the order they had', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -5, max: 40 }), { maxLength: 300 }), (numbers) => {
      const keys = Float64Array.from(numbers);
      const expected = numbers
        .map((_, index) => index)
        .sort((a, b) => (numbers[a] ?? 0) - (numbers[b] ?? 0) || a - b);
      expect([...orderOf(keys)]).toEqual(expected);
    }),
  );
});
