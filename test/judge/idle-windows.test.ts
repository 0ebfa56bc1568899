/** A timer that chance can make is none; one that stands out is found. */
import { expect, test } from 'vitest';
import { clusters } from '../../src/judge/idle-windows.ts';
import { randomFrom } from '../path/random.ts';

const SECOND = 1e9;
const SHORTEST = 20;

type Draw = (random: () => number) => number;

/** Idle times in seconds of people who close things. */
const PEOPLE: Readonly<Record<string, Draw>> = {
  exponential: (random) => SHORTEST - 60 * Math.log(1 - random()),
  'log-uniform, to an hour': (random) => SHORTEST * 180 ** random(),
  'uniform, to five minutes': (random) => SHORTEST + 280 * random(),
};

/** Windows that stand out, each close at a moment of its own. */
function found(idleSeconds: readonly number[], random: () => number) {
  const idles = Float64Array.from(idleSeconds, (idle) => Math.round(idle * SECOND)).sort();
  const moments = Float64Array.from(idles, () => random() * 86_400 * SECOND);
  return clusters(idles, moments, SHORTEST * SECOND).map(({ from, until }) => ({
    closes: until - from,
    first: (idles[from] as number) / SECOND,
    last: (idles[until - 1] as number) / SECOND,
  }));
}

const drawn = (n: number, draw: Draw, random: () => number): number[] =>
  Array.from({ length: n }, () => draw(random));

test.each(
  Object.entries(PEOPLE).flatMap(([name, draw]) =>
    [8, 50, 200, 2000, 10_000].map((n) => ({ name, draw, n })),
  ),
)('$n closes at random ($name): no timer on 99 of 100 paths', ({ draw, n }) => {
  const random = randomFrom(n);
  const paths = n > 1000 ? 100 : 500;
  const fooled = Array.from({ length: paths }, () => found(drawn(n, draw, random), random)).filter(
    (windows) => windows.length > 0,
  );
  expect(fooled.length / paths).toBeLessThanOrEqual(0.01);
});

test.each([
  { timer: 60, jitter: 0.02, closes: 6, among: 100 },
  { timer: 60, jitter: 0.8, closes: 20, among: 100 },
  { timer: 300, jitter: 2, closes: 12, among: 200 },
  { timer: 75, jitter: 0.05, closes: 40, among: 5000 },
])(
  '$closes closes after $timer s (± $jitter) among $among at random are found',
  ({ timer, jitter, closes, among }) => {
    const random = randomFrom(among);
    const draw = PEOPLE['log-uniform, to an hour'] as Draw;
    const paths = Array.from({ length: 50 }, () => {
      const own = drawn(closes, () => timer + jitter * random(), random);
      return found([...own, ...drawn(among, draw, random)], random);
    });
    const seen = paths.filter((windows) =>
      windows.some(({ first, last }) => first <= timer + jitter && last >= timer),
    );
    expect(seen.length).toBeGreaterThanOrEqual(48);
  },
);

test('a busy timer hides no rare one', () => {
  const random = randomFrom(1);
  const often = drawn(2000, () => 30 + 0.05 * random(), random);
  const seldom = drawn(4, () => 40 + 0.05 * random(), random);
  const windows = found([...often, ...seldom], random);
  expect(windows.map(({ closes }) => closes)).toEqual([2000, 4]);
});

test('beside nothing else four are enough, also at the shortest that is on record', () => {
  const random = randomFrom(2);
  expect(found([20, 20.01, 20.02, 20.03], random)).toHaveLength(1);
  expect(found([60, 60.01, 60.02], random)).toEqual([]);
});
