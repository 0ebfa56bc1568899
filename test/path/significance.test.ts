/** A threshold that chance can make is none. */
import { expect, test } from 'vitest';
import { ladder, type Observation } from '../../src/path/estimate/ladder.ts';
import { secondStep, threshold } from '../../src/path/estimate/significance.ts';
import { randomFrom } from './random.ts';

/** Log-uniform lengths from 5 s to an hour. */
function draw(n: number, random: () => number, isKilled: (seconds: number) => boolean) {
  return Array.from({ length: n }, (): Observation => {
    const seconds = 5 * 720 ** random();
    const killed = isKilled(seconds);
    return { seconds, killed: killed ? 1 : 0, survived: killed ? 0 : 1 };
  });
}

test.each([
  [10, 0.2],
  [10, 0.5],
  [30, 0.2],
  [100, 0.05],
  [100, 0.5],
  [1000, 0.2],
])(
  'of %d silences killed at random (%d) less than one capture in a hundred fools it',
  (n, rate) => {
    const random = randomFrom(n);
    const captures = n > 500 ? 300 : 1000;
    let fooled = 0;
    for (let i = 0; i < captures; i++) {
      if (threshold(ladder(draw(n, random, () => random() < rate)))?.significant) fooled += 1;
    }
    expect(fooled / captures).toBeLessThan(0.01);
  },
);

test('twenty silences around one timeout are enough nine times of ten', () => {
  const random = randomFrom(20);
  const found = Array.from({ length: 300 }, () =>
    threshold(ladder(draw(20, random, (s) => (s < 90 ? random() < 0.01 : random() >= 0.05)))),
  ).filter((one) => one?.significant);
  expect(found.length).toBeGreaterThan(270);
});

test('one step with errors is not taken for two', () => {
  const random = randomFrom(3);
  for (let i = 0; i < 100; i++) {
    const steps = ladder(draw(500, random, (s) => (s < 350 ? random() < 0.03 : random() >= 0.3)));
    const found = threshold(steps);
    if (found?.significant) expect(secondStep(steps, found)).toBe(null);
  }
});

test('three kills beyond and three survivors below are the least', () => {
  const at = (seconds: number, killed: number) => ({ seconds, killed, survived: 1 - killed });
  const survivors = Array.from({ length: 30 }, (_, i) => at(20 + i, 0));
  expect(threshold(ladder([...survivors, at(90, 1), at(91, 1)]))?.significant).toBe(false);
  expect(threshold(ladder([...survivors, at(90, 1), at(91, 1), at(92, 1)]))?.significant).toBe(
    true,
  );
  expect(threshold(ladder([at(20, 1), at(30, 0)]))).toBe(null);
});
