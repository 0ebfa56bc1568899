/** Where dying becomes likelier over a stretch of lengths, T is told as that stretch; a step stays a step. */
import { describe, expect, test } from 'vitest';
import { priorFor } from '../../src/path/estimate/change-point.ts';
import { ramp } from '../../src/path/estimate/ramp.ts';
import { estimate } from '../../src/path/estimate/timeout.ts';
import { evidence, ladderOf, type Observation } from './observed.ts';
import { randomFrom } from './random.ts';

type Dies = (seconds: number, random: () => number) => boolean;

/** Log-uniform lengths from 20 s to an hour. */
function draw(n: number, dies: Dies, random: () => number): readonly Observation[] {
  return Array.from({ length: n }, () => {
    const seconds = 20 * 180 ** random();
    const killed = dies(seconds, random) ? 1 : 0;
    return { seconds, killed, survived: 1 - killed };
  });
}

/** How often the interval holds 300 s. */
function held(n: number, dies: Dies): number {
  const random = randomFrom(n);
  const holds = Array.from({ length: 50 }, () => {
    const all = draw(n, dies, random);
    const of = (isKilled: number) =>
      all.flatMap(({ seconds, killed }) => (killed === isKilled ? seconds : []));
    const { timeout } = estimate(evidence({ survived: of(0), killed: of(1) }), priorFor(20));
    return (timeout.lowSeconds ?? 999) <= 300 && (timeout.highSeconds ?? 0) >= 300;
  });
  return holds.filter(Boolean).length / holds.length;
}

describe('the interval holds a T of 300 s', () => {
  test.each<[string, number, Dies]>([
    [
      'of a box that looks at its table once a minute',
      2000,
      (s, random) => random() < (s < 300 ? 0.01 : Math.min(0.95, (s - 300) / 60)),
    ],
    [
      'beside another of 330 s',
      3000,
      (s, random) => random() < (s < 300 ? 0.01 : s < 330 ? 0.48 : 0.95),
    ],
    [
      'that somebody made 360 s at noon',
      2000,
      (s, random) => random() < (s < 300 ? 0.01 : s < 360 ? 0.48 : 0.95),
    ],
  ])('%s', (_, n, dies) => {
    expect(held(n, dies)).toBeGreaterThanOrEqual(0.75);
  });
});

test.each([
  [100, 0.03, 0.3],
  [300, 0.01, 0.05],
  [3000, 0.01, 0.05],
])('%d silences around one timeout (%d die below, %d survive beyond) make no ramp', (n, e0, e1) => {
  const random = randomFrom(n);
  const dies: Dies = (s) => (s < 300 ? random() < e0 : random() >= e1);
  const found = Array.from({ length: 100 }, () => ramp(ladderOf(draw(n, dies, random)), 300));
  expect(found.filter((one) => one !== null).length).toBeLessThanOrEqual(1);
});
