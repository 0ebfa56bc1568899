/**
 * What chance overlaps is told as no event, and an event is told though chance is at work around it: whole days, many of
 * each kind.
 */
import { describe, expect, test } from 'vitest';
import { randomFrom } from '../path/random.ts';
import { DAY, type Fate, judgedDay, logUniform, type Silence, silenceOf } from './crowds.ts';

const SEEDS = Array.from({ length: 100 }, (_, seed) => seed + 1);

type DayOf = (random: () => number) => readonly Silence[];

const daysWithBursts = (dayOf: DayOf): number =>
  SEEDS.filter((seed) => judgedDay(dayOf(randomFrom(seed))).bursts.length > 0).length;

/** Accidents end a share of all silences, whatever their length. */
const accidents =
  (silences: number, servers: number, share: number, killed: Fate): DayOf =>
  (random) =>
    Array.from({ length: silences }, (_, i) =>
      silenceOf(random, i % servers, () => (random() < share ? killed : 'survived')),
    );

/** A real box with a timeout of 300 s, that a few connections pass by. */
const boxed =
  (silences: number, servers: number, killed: Fate): DayOf =>
  (random) =>
    Array.from({ length: silences }, (_, i) =>
      silenceOf(random, i % servers, (seconds) =>
        seconds > 300 && random() >= 0.03 ? killed : 'survived',
      ),
    );

/** Eight in ten within three hours. */
const rushHour: DayOf = (random) =>
  accidents(
    4000,
    500,
    0.05,
    'reset mid-path',
  )(random).map((one) => {
    if (random() < 0.2) return one;
    const bornAt = 36_000 + random() * 10_800;
    return { ...one, bornAt, from: bornAt + 1 };
  });

describe('in a hundred days without an event at most one is told', () => {
  test.each([
    ['accidents at 1000 servers', accidents(5000, 1000, 0.05, 'reset at the server')],
    ['accidents on the way to 1000 servers', accidents(5000, 1000, 0.05, 'reset mid-path')],
    ['accidents on the way to a /24', accidents(2500, 250, 0.1, 'reset mid-path')],
    ['accidents at one server', accidents(1000, 1, 0.05, 'reset at the server')],
    [
      'accidents at five servers, few to outlive them',
      accidents(100, 5, 0.3, 'reset at the server'),
    ],
    ['a timeout before 300 servers', boxed(1500, 300, 'reset mid-path')],
    ['a timeout before 3 servers', boxed(500, 3, 'reset mid-path')],
    ["a timeout that wears the server's TTL", boxed(300, 1, 'reset at the server')],
    ['accidents in a rush hour', rushHour],
  ])('%s', (_, dayOf) => {
    expect(daysWithBursts(dayOf)).toBeLessThanOrEqual(1);
  });
});

const NOON = DAY / 2;

/** Connections from the morning on that were silent at noon. */
const lostAtNoon = (random: () => number, servers: readonly number[], fate: Fate): Silence[] =>
  servers.map((server) => {
    const seconds = logUniform(random, 25, 3000);
    return { server, from: NOON - random() * seconds, seconds, bornAt: 1000, fate };
  });

/** Every one of so many connections was silent for long until noon, and went on. */
const livelyUntilNoon = (random: () => number, servers: readonly number[]): Silence[] =>
  servers.flatMap((server) =>
    Array.from({ length: 20 }, (_, k) => {
      const seconds = logUniform(random, 20.5, 3600);
      return { server, from: 1000 + 1900 * k, seconds, bornAt: 1000, fate: 'survived' };
    }),
  );

const beside =
  (others: DayOf): DayOf =>
  (random) =>
    others(random).map((one) => ({ ...one, server: one.server + 100 }));

const lost =
  (
    servers: { lively: readonly number[]; silent: readonly number[] },
    fate: Fate,
    others: DayOf,
  ): DayOf =>
  (random) => [
    ...livelyUntilNoon(random, servers.lively),
    ...lostAtNoon(random, servers.silent, fate),
    ...others(random),
  ];

const times = (count: number, serverOf: (i: number) => number): readonly number[] =>
  Array.from({ length: count }, (_, i) => serverOf(i));

const ONE_SERVER = { lively: times(20, () => 1), silent: times(8, () => 1) };
const TEN_SERVERS = { lively: times(20, (i) => i % 10), silent: times(20, (i) => i % 10) };
const AROUND = beside(accidents(3000, 200, 0.1, 'reset at the server'));
/** Behind another gateway. */
const ELSEWHERE = beside(accidents(600, 10, 0.1, 'reset mid-path'));

/** Phones that came back and reset what the server pushes, each at its own time. */
const phones = (random: () => number): readonly Silence[] =>
  Array.from({ length: 8 }, () => silenceOf(random, 1, () => 'push reset by its client'));

/** Of any length, and not at noon. */
const accidentsThere: DayOf = (random) =>
  Array.from({ length: 12 }, () => silenceOf(random, 1, () => 'reset at the server')).filter(
    ({ from, seconds }) => from > NOON || from + seconds < NOON,
  );

/** Days of the first forty of which exactly one event is told; now and then an accident spans it too. */
const daysTold = (dayOf: DayOf, reading: RegExp, flows: number): number =>
  SEEDS.slice(0, 40).filter((seed) => {
    const [first, ...more] = judgedDay(dayOf(randomFrom(seed))).bursts;
    if (first === undefined || more.length > 0 || !reading.test(first.reading)) return false;
    return first.flows >= flows && first.flows <= 1.2 * flows;
  }).length;

describe('a real event amid accidents is told in nearly all of forty days', () => {
  test.each([
    ['a server restarts: 8 of its 20 connections were silent', ONE_SERVER, AROUND],
    ['… while a few phones come back and reset what it pushes', ONE_SERVER, phones],
    ['… and accidents at the same server were as short', ONE_SERVER, accidentsThere],
  ])('%s', (_, servers, others) => {
    const dayOf = lost(servers, 'reset at the server', others);
    expect(daysTold(dayOf, /server .* restarted/, 8)).toBeGreaterThanOrEqual(38);
  });

  test.each([
    ['a gateway forgets 20 connections to 10 servers', AROUND],
    ['… though another gateway cuts some of its own', ELSEWHERE],
  ])('%s', (_, others) => {
    const dayOf = lost(TEN_SERVERS, 'reset mid-path', others);
    expect(daysTold(dayOf, /a box on the way forgot/, 20)).toBeGreaterThanOrEqual(38);
  });
});

/** Eight connections of a pool, busy by day and idle at night: lost every morning. */
const nights = (mornings: number): readonly Silence[] =>
  times(8 * mornings, (i) => i).map((i) => ({
    server: 1,
    from: 3600 + 20_000 * Math.floor(i / 8) - 100 * (i % 8),
    seconds: 12_000 + 70 * (i % 8),
    bornAt: 20_000 * Math.floor(i / 8),
    fate: 'reset at the server',
  }));

test('a pool that is lost after every idle night may be a restart or a box: told as neither', () => {
  const { bursts, judgements } = judgedDay(nights(4));
  expect(bursts).toEqual([]);
  const verdicts = new Set(judgements.map(({ finding }) => finding?.verdict));
  expect(verdicts).toEqual(new Set(['possible-box-timeout']));
  expect(judgedDay(nights(1)).bursts).toMatchObject([{ flows: 8 }]);
});
