/** A timer that chance can make is none; one that stands out is found. */
import { expect, test } from 'vitest';
import { idleWindows } from '../../src/capture/numbers.ts';
import { LOG_SELDOM } from '../../src/judge/chance.ts';
import { ALIKE } from '../../src/judge/idle-close.ts';
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

/** One close: idle time and moment in seconds, and who opened the connection. */
interface Close {
  readonly idle: number;
  readonly at: number;
  readonly by: number;
}

const QUESTION = { shortestNs: SHORTEST * SECOND, alike: ALIKE, logSeldom: LOG_SELDOM };

/** Windows that stand out among the closes of one path. */
function foundAmong(closes: readonly Close[]) {
  const some = closes.filter(({ idle }) => idle >= SHORTEST);
  const idles = Float64Array.from(some, ({ idle }) => Math.round(idle * SECOND));
  const moments = Float64Array.from(some, ({ at }) => at * SECOND);
  const originators = Int32Array.from(some, ({ by }) => by);
  const order = Int32Array.from(some, (_, close) => close);
  const starts = Int32Array.of(0, some.length);
  const found = idleWindows({ idles, moments, originators, order, starts }, QUESTION);
  return Array.from(found.decisions, (decisions, cluster) => {
    const own = found.closes.subarray(found.starts[cluster], found.starts[cluster + 1]);
    const secondsOf = (close: number | undefined) => (idles[close ?? -1] as number) / SECOND;
    return { closes: own.length, decisions, first: secondsOf(own[0]), last: secondsOf(own.at(-1)) };
  });
}

/** Each close at a moment of its own, by whoever. */
const onTheirOwn = (idles: readonly number[], random: () => number): readonly Close[] =>
  idles.map((idle, by) => ({ idle, at: random() * 86_400, by }));

const found = (idles: readonly number[], random: () => number) =>
  foundAmong(onTheirOwn(idles, random));

const drawn = (n: number, draw: Draw, random: () => number): number[] =>
  Array.from({ length: n }, () => draw(random));

/** In how many of `paths` something is found, of closes drawn for each anew. */
function partFooled(paths: number, draw: (random: () => number) => readonly Close[]): number {
  const random = randomFrom(paths);
  const fooled = Array.from({ length: paths }, () => foundAmong(draw(random))).filter(
    (windows) => windows.length > 0,
  );
  return fooled.length / paths;
}

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
  { timer: 60, jitter: 0.002, closes: 20, among: 2000 },
  { timer: 60, jitter: 0.3, closes: 8, among: 100 },
  { timer: 2700, jitter: 1, closes: 5, among: 100 },
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

/** Pages, pools: `size` connections each, last used within `spread` seconds, closed together when somebody wants to. */
interface Habit {
  readonly groups: number;
  readonly size: (random: () => number) => number;
  readonly spread: number;
  /** How long closing all of a group takes, seconds. */
  readonly takes: number;
  readonly oneAddress?: boolean;
}

const grouped = (habit: Habit) => (random: () => number) =>
  Array.from({ length: habit.groups }, (_, group) => {
    const idle = SHORTEST * 45 ** random();
    const at = random() * 86_400;
    return Array.from({ length: habit.size(random) }, () => {
      const closed = habit.takes * random();
      return {
        idle: idle + closed - habit.spread * random(),
        at: at + closed,
        by: habit.oneAddress === true ? 0 : group,
      };
    });
  }).flat();

const six = (): number => 6;

test.each<[string, Habit]>([
  ['20 pages of 6', { groups: 20, size: six, spread: 0.03, takes: 0.003 }],
  ['50 pages of 6', { groups: 50, size: six, spread: 0.03, takes: 0.003 }],
  ['200 pages of 1 to 6', { groups: 200, size: (u) => (1 + u() * 6) | 0, spread: 0.03, takes: 0 }],
  ['50 pools of 10', { groups: 50, size: () => 10, spread: 0.03, takes: 0.5 }],
  ['200 pages of 2', { groups: 200, size: () => 2, spread: 0.03, takes: 0 }],
  ['200 pages last used within 1 s', { groups: 200, size: six, spread: 1, takes: 0.2 }],
  ['200 behind one NAT', { groups: 200, size: six, spread: 0.03, takes: 0.01, oneAddress: true }],
])('%s, closed when somebody wants to: no timer on 99 of 100 paths', (_, habit) => {
  expect(partFooled(300, grouped(habit))).toBeLessThanOrEqual(0.01);
});

test.each([
  { closes: 50, least: 20, most: 120 },
  { closes: 300, least: 20, most: 120 },
  { closes: 1000, least: 20, most: 120 },
  { closes: 1000, least: 20, most: 900 },
  { closes: 1000, least: 100, most: 120 },
])(
  '$closes programs that wait $least to $most whole seconds: no timer on 99 of 100 paths',
  ({ closes, least, most }) => {
    const waits: Draw = (random) =>
      least + Math.floor(random() * (most - least + 1)) + 0.003 * random();
    const draw = (random: () => number) => onTheirOwn(drawn(closes, waits, random), random);
    expect(partFooled(200, draw)).toBeLessThanOrEqual(0.01);
  },
);

test('most people close after about a minute: no timer', () => {
  const bell: Draw = (random) =>
    60 * Math.exp(0.1 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
  const draw = (random: () => number) => onTheirOwn(drawn(2000, bell, random), random);
  expect(partFooled(200, draw)).toBeLessThanOrEqual(0.01);
});

test('a timer on a whole second stands out among programs that wait whole seconds', () => {
  const random = randomFrom(3);
  const waits = drawn(300, () => 20 + Math.floor(random() * 101) + 0.003 * random(), random);
  const own = drawn(20, () => 60 + 0.005 * random(), random);
  const [timer, ...others] = found([...waits, ...own], random);
  expect(timer?.first).toBeCloseTo(60, 1);
  expect(others).toEqual([]);
});

/** A server's timer of a minute: each page's connections end after it, as they were last used. */
const timedPages = (pages: number, random: () => number): readonly Close[] =>
  Array.from({ length: pages * 6 }, (_, i) => {
    const page = Math.floor(i / 6);
    return { idle: 60 + 0.002 * random(), at: page * 3600 + 0.02 * random(), by: page };
  });

test('a timer that closes six connections of each page: every page counts once, every close is told', () => {
  const random = randomFrom(4);
  expect(foundAmong(timedPages(4, random))).toMatchObject([{ closes: 24, decisions: 4 }]);
  expect(foundAmong(timedPages(3, random))).toEqual([]);
  const people = grouped({ groups: 50, size: six, spread: 0.03, takes: 0.003 });
  const paths = Array.from({ length: 50 }, () =>
    foundAmong([...people(random), ...timedPages(8, random).map((c) => ({ ...c, by: c.by + 50 }))]),
  );
  const seen = paths.filter(([timer]) => timer !== undefined && timer.closes >= 48);
  expect(seen.length).toBeGreaterThanOrEqual(48);
});

test('a timer whose closes come further apart than they differ: one address, no single decision', () => {
  // As in the lab's mixed-reject: eight connections of one client, opened within 1.5 s.
  const at = [0.685, 0.733, 1.017, 1.197, 1.585, 1.648, 1.965, 2.189];
  const closes = at.map((moment, i) => ({ idle: 54.05 + i / 2000, at: moment, by: 0 }));
  expect(foundAmong(closes)).toMatchObject([{ closes: 8, decisions: 6 }]);
});

test('a proxy has one address and closes all the time: its timer is found', () => {
  const random = randomFrom(5);
  const closes = drawn(
    5000,
    () => (random() < 0.5 ? 60 + 0.01 * random() : 20 * 45 ** random()),
    random,
  );
  const windows = foundAmong(closes.map((idle) => ({ idle, at: 300 * random(), by: 0 })));
  expect(windows).toMatchObject([{ first: expect.closeTo(60, 0.1) }]);
});

test('two timers a few seconds apart hide neither', () => {
  const random = randomFrom(6);
  const both = drawn(12, () => (random() < 0.5 ? 60 : 65) + 0.03 * random(), random);
  expect(found(both, random)).toHaveLength(2);
});

test('a hundred thousand closes, whatever they are like, take a second or so', () => {
  const random = randomFrom(7);
  const times: readonly Draw[] = [
    () => 60 + 0.05 * random(),
    () => 20 + Math.floor(random() * 101) + 0.003 * random(),
    () => 20 * 1440 ** random(),
  ];
  for (const draw of times) {
    const closes = onTheirOwn(drawn(100_000, draw, random), random);
    const started = performance.now();
    foundAmong(closes);
    // Quadratic work would take minutes.
    expect(performance.now() - started).toBeLessThan(10_000);
  }
});
