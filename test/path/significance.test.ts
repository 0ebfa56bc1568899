/** A threshold that chance can make is none. */
import { expect, test } from 'vitest';
import { secondStep, threshold } from '../../src/path/estimate/significance.ts';
import { ladderOf, type Observation } from './observed.ts';
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
      if (threshold(ladderOf(draw(n, random, () => random() < rate)))?.significant) fooled += 1;
    }
    expect(fooled / captures).toBeLessThan(0.01);
  },
);

const shareFound = (
  n: number,
  captures: number,
  isKilled: (s: number, random: () => number) => boolean,
) => {
  const random = randomFrom(n);
  const all = Array.from({ length: captures }, () =>
    threshold(ladderOf(draw(n, random, (s) => isKilled(s, random)))),
  );
  return all.filter((one) => one?.significant).length / captures;
};

test.each([
  [20, 0.8],
  [30, 0.9],
  [100, 0.99],
])('%d silences around one timeout are enough with probability %d', (n, least) => {
  expect(
    shareFound(n, 300, (s, random) => (s < 90 ? random() < 0.01 : random() >= 0.05)),
  ).toBeGreaterThan(least);
});

test('where half of the flows pass the box by, three hundred are enough nine times of ten', () => {
  const half = (s: number, random: () => number) => random() < (s < 350 ? 0.01 : 0.5);
  expect(shareFound(300, 300, half)).toBeGreaterThan(0.9);
});

test.each([
  [200, 6],
  [1000, 6],
  [1000, 24],
  [10_000, 24],
])(
  'of %d silences that accidents end, one in %d hours, less than one capture in fifty fools it',
  (n, hours) => {
    const dies = (s: number, random: () => number) => random() < -Math.expm1(-s / (3600 * hours));
    expect(shareFound(n, n > 5000 ? 50 : 300, dies)).toBeLessThan(0.02);
  },
);

test('busy clients that never die, and few slow ones of which some die at any length', () => {
  const random = randomFrom(9);
  const short = Array.from({ length: 1000 }, () => 20 * 1.5 ** random());
  const fooled = Array.from({ length: 100 }, () => {
    const slow = Array.from({ length: 100 }, (): Observation => {
      const killed = random() < 0.05 ? 1 : 0;
      return { seconds: 40 * 90 ** random(), killed, survived: 1 - killed };
    });
    const busy = short.map((seconds): Observation => ({ seconds, killed: 0, survived: 100 }));
    return threshold(ladderOf([...busy, ...slow]))?.significant === true;
  });
  expect(fooled.filter(Boolean).length).toBeLessThanOrEqual(1);
});

test('one step with errors is not taken for two', () => {
  const random = randomFrom(3);
  for (let i = 0; i < 100; i++) {
    const steps = ladderOf(draw(500, random, (s) => (s < 350 ? random() < 0.03 : random() >= 0.3)));
    const found = threshold(steps);
    if (found?.significant) expect(secondStep(steps, found)).toBe(null);
  }
});

test('three kills beyond and three survivors below are the least', () => {
  const at = (seconds: number, killed: number) => ({ seconds, killed, survived: 1 - killed });
  const survivors = Array.from({ length: 30 }, (_, i) => at(20 + i, 0));
  expect(threshold(ladderOf([...survivors, at(90, 1), at(91, 1)]))).toBeNull();
  expect(threshold(ladderOf([...survivors, at(90, 1), at(91, 1), at(92, 1)]))?.significant).toBe(
    true,
  );
  expect(threshold(ladderOf([at(20, 1), at(30, 0)]))).toBe(null);
});
