/** Functions of numbers alone: the border refuses what is no column, and nothing is read outside of one. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type GroupedCloses,
  type IdleQuestion,
  idleWindows,
  ladderOf,
  logAccidents,
  orderOf,
  sha1,
  type SilencesByLength,
} from '../src/capture/numbers.ts';
import { nativeProgram, run } from './native-program.ts';

const COLUMNS = process.env['DEADAIR_LONG'] === '1' ? 100_000 : 3_000;

const SECOND = 1e9;
const QUESTION: IdleQuestion = { shortestNs: 20 * SECOND, alike: 4, logSeldom: Math.log(0.01) };

/** A timer of a minute on the first path, nothing on the second. */
const SOUND: GroupedCloses = {
  idles: Float64Array.of(60.02, 60, 60.01, 60.03, 25, 90).map((idle) => idle * SECOND),
  moments: Float64Array.of(0, 700, 100, 200, 300, 400).map((at) => at * SECOND),
  originators: Int32Array.of(-1, 0, 1, 2, 0, 1),
  order: Int32Array.of(0, 1, 2, 3, 4, 5),
  starts: Int32Array.of(0, 4, 6),
};

const columns = (...found: Int32Array[]) => found.map((column) => [...column]);

test('clusters come as columns, each by idle time, whatever order its closes came in', () => {
  const { decisions, closes, starts } = idleWindows(SOUND, QUESTION);
  expect(columns(decisions, closes, starts)).toEqual([[4], [1, 2, 0, 3], [0, 4]]);
});

test('equal idle times stay as they come', () => {
  const idles = new Float64Array(6).fill(60 * SECOND);
  const order = Int32Array.of(3, 0, 2, 1, 4, 5);
  const { closes } = idleWindows({ ...SOUND, idles, order }, QUESTION);
  expect([...closes]).toEqual([3, 0, 2, 1]);
});

test('what was asked with is left as it was', () => {
  const before = structuredClone(SOUND);
  idleWindows(SOUND, QUESTION);
  expect(SOUND).toEqual(before);
});

test('no closes, no paths, closes of no path: no clusters', () => {
  const none = new Int32Array(0);
  for (const starts of [Int32Array.of(0), Int32Array.of(0, 0, 0)]) {
    const found = idleWindows({ ...SOUND, order: none, starts }, QUESTION);
    expect(columns(found.decisions, found.closes, found.starts)).toEqual([[], [], [0]]);
  }
});

test('a close whose idle time is below 0 does not count', () => {
  expect(idleWindows({ ...SOUND, idles: idlesWith(-1) }, QUESTION).decisions).toHaveLength(0);
});

test('a close that is on no path may be anything', () => {
  const idles = Float64Array.of(...SOUND.idles, Number.NaN);
  const moments = Float64Array.of(...SOUND.moments, Number.NaN);
  const originators = Int32Array.of(...SOUND.originators, 0);
  const found = idleWindows({ ...SOUND, idles, moments, originators }, QUESTION);
  expect(found.decisions).toHaveLength(1);
});

const refused = expect.objectContaining({ code: 'E_BAD_ARGUMENT' });
const errorOfCall = (call: unknown, words: readonly unknown[]): unknown => {
  try {
    return (call as (...words: readonly unknown[]) => unknown)(...words);
  } catch (error) {
    return error;
  }
};
const errorOf = (words: readonly unknown[]): unknown => errorOfCall(idleWindows, words);

const without = (key: keyof GroupedCloses) => ({ ...SOUND, [key]: undefined });
const shared = <T extends Float64Array | Int32Array>(column: T): T => {
  const Kind = column.constructor as new (memory: SharedArrayBuffer) => T;
  const copy = new Kind(new SharedArrayBuffer(column.byteLength));
  copy.set(column);
  return copy;
};
const idlesWith = (first: number) => Float64Array.of(first, ...SOUND.idles.subarray(1));
const momentsWith = (first: number) => Float64Array.of(first, ...SOUND.moments.subarray(1));

test.each<[string, readonly unknown[]]>([
  ['nothing', []],
  ['null', [null, QUESTION]],
  ['no question', [SOUND]],
  ['no idle times', [without('idles'), QUESTION]],
  ['no starts', [without('starts'), QUESTION]],
  ['numbers that are no column', [{ ...SOUND, order: [0, 1, 2, 3, 4, 5] }, QUESTION]],
  ['a column of another kind', [{ ...SOUND, idles: Float32Array.from(SOUND.idles) }, QUESTION]],
  ['unsigned indexes', [{ ...SOUND, order: Uint32Array.from(SOUND.order) }, QUESTION]],
  ['a view of bytes', [{ ...SOUND, order: new DataView(SOUND.order.buffer) }, QUESTION]],
  ['memory of several threads', [{ ...SOUND, order: shared(SOUND.order) }, QUESTION]],
  ['… of numbers', [{ ...SOUND, idles: shared(SOUND.idles) }, QUESTION]],
  ['moments too few', [{ ...SOUND, moments: SOUND.moments.subarray(1) }, QUESTION]],
  ['originators too many', [{ ...SOUND, originators: new Int32Array(7) }, QUESTION]],
  ['an index behind the end', [{ ...SOUND, order: Int32Array.of(0, 1, 2, 3, 4, 6) }, QUESTION]],
  ['an index below 0', [{ ...SOUND, order: Int32Array.of(0, 1, 2, 3, 4, -1) }, QUESTION]],
  ['an idle time that is none', [{ ...SOUND, idles: idlesWith(Number.NaN) }, QUESTION]],
  ['an idle time without end', [{ ...SOUND, idles: idlesWith(Infinity) }, QUESTION]],
  ['a moment that is none', [{ ...SOUND, moments: momentsWith(Number.NaN) }, QUESTION]],
  ['a moment before all time', [{ ...SOUND, moments: momentsWith(-Infinity) }, QUESTION]],
  ['not even one start', [{ ...SOUND, starts: new Int32Array(0) }, QUESTION]],
  ['starts that begin late', [{ ...SOUND, starts: Int32Array.of(1, 6) }, QUESTION]],
  ['starts that end early', [{ ...SOUND, starts: Int32Array.of(0, 5) }, QUESTION]],
  ['starts that end late', [{ ...SOUND, starts: Int32Array.of(0, 7) }, QUESTION]],
  ['starts that go back', [{ ...SOUND, starts: Int32Array.of(0, 9, 4, 6) }, QUESTION]],
  ['starts below 0', [{ ...SOUND, starts: Int32Array.of(0, -4, 6) }, QUESTION]],
  ['none alike', [SOUND, { ...QUESTION, alike: 0 }]],
  ['half of one alike', [SOUND, { ...QUESTION, alike: 4.5 }]],
  ['more alike than can be', [SOUND, { ...QUESTION, alike: 2 ** 32 + 4 }]],
  ['nanoseconds as a BigInt', [SOUND, { ...QUESTION, shortestNs: 20_000_000_000n }]],
  ['no shortest', [SOUND, { ...QUESTION, shortestNs: Number.NaN }]],
  ['more often than always', [SOUND, { ...QUESTION, logSeldom: 0.01 }]],
])('refused: %s', (_, words) => {
  expect(errorOf(words)).toEqual(refused);
});

test('a column that is taken away while others are got is refused, not read', () => {
  const idles = SOUND.idles.slice();
  const closes = {
    ...SOUND,
    idles,
    get starts() {
      structuredClone(idles, { transfer: [idles.buffer] });
      return SOUND.starts;
    },
  };
  expect(errorOf([closes, QUESTION])).toEqual(refused);
});

/** A rung for each length; of how many were killed there, and survived. */
function rungs(at: readonly number[], killed: readonly number[], survived: readonly number[]) {
  const sums = (counts: readonly number[]) =>
    Float64Array.from(counts.reduce((all, count) => [...all, (all.at(-1) ?? 0) + count], [0]));
  return { at: Float64Array.from(at), killedBelow: sums(killed), survivedBelow: sums(survived) };
}

/** What the header says in words: a silence of length g outlives accidents with probability exp(−(a + b·g)). */
function logLikelihood({ at, killedBelow, survivedBelow }: SilencesByLength, a: number, b: number) {
  let log = 0;
  for (const [i, length] of at.entries()) {
    const [k0 = 0, k1 = 0] = killedBelow.subarray(i, i + 2);
    const [s0 = 0, s1 = 0] = survivedBelow.subarray(i, i + 2);
    const rate = a + b * length;
    if (k1 > k0) log += (k1 - k0) * Math.log(-Math.expm1(-rate));
    log -= (s1 - s0) * rate;
  }
  return log;
}

const RISING = rungs([30, 60, 120, 240, 480], [1, 2, 4, 7, 13], [40, 40, 40, 40, 40]);

test.each<[string, SilencesByLength]>([
  ['per unit of time, above all', RISING],
  ['whatever the length', rungs([30, 60, 120], [5, 5, 5], [20, 20, 20])],
  ['the short ones above all, so whatever the length', rungs([30, 600], [9, 1], [20, 20])],
  ['nothing below a length, all from it on', rungs([30, 60, 400], [0, 0, 30], [50, 50, 0])],
  ['at the shortest length alone', rungs([30, 60, 400], [30, 0, 0], [0, 50, 50])],
  ['one length', rungs([77], [3], [4])],
])('no rates explain deaths better than those that are found: they strike %s', (_, silences) => {
  const found = logAccidents(silences);
  let best = Number.NEGATIVE_INFINITY;
  // Each a hundredth more than the last: so near to the top a likelihood of some hundred is flat.
  const rates = [0, ...Array.from({ length: 1600 }, (_rate, i) => 1e-6 * 1.01 ** i)];
  for (const a of rates) {
    if (a > 8) break;
    for (const b of rates) {
      if (b > 1) break;
      const log = logLikelihood(silences, a, b);
      if (log > best) best = log;
    }
  }
  expect(found).toBeGreaterThanOrEqual(best);
  expect(found - best).toBeLessThan(0.02);
});

test('lengths may be in any unit', () => {
  const hours = { ...RISING, at: RISING.at.map((seconds) => seconds / 3600) };
  expect(logAccidents(hours)).toBeCloseTo(logAccidents(RISING), 8);
});

test.each<[string, readonly unknown[]]>([
  ['nothing', []],
  ['null', [null]],
  ['no lengths', [{ ...RISING, at: undefined }]],
  ['lengths that are no column', [{ ...RISING, at: [...RISING.at] }]],
  ['memory of several threads', [{ ...RISING, at: shared(RISING.at) }]],
  ['no rung', [rungs([], [], [])]],
  ['sums too few', [{ ...RISING, killedBelow: RISING.killedBelow.subarray(1) }]],
  ['sums too many', [{ ...RISING, survivedBelow: new Float64Array(7) }]],
  ['a length that is none', [rungs([30, Number.NaN], [1, 1], [1, 1])]],
  ['a length without end', [rungs([30, Infinity], [1, 1], [1, 1])]],
  ['a length below 0', [rungs([-0.5, 60], [1, 1], [1, 1])]],
  ['no length but 0', [rungs([0], [1], [1])]],
  ['one length twice', [rungs([30, 30], [1, 1], [1, 1])]],
  ['sums that fall', [rungs([30, 60], [2, -1], [1, 1])]],
  ['a sum that is none', [rungs([30, 60], [1, 1], [Number.NaN, 1])]],
  ['a sum without end', [rungs([30, 60], [1, 1], [1, Infinity])]],
  ['sums that begin later', [{ ...RISING, killedBelow: RISING.killedBelow.map((n) => n + 1) }]],
  ['none killed', [rungs([30, 60], [0, 0], [1, 1])]],
  ['none survived', [rungs([30, 60], [1, 1], [0, 0])]],
])('accidents of %s are refused', (_, words) => {
  expect(errorOfCall(logAccidents, words)).toEqual(refused);
});

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

test('a ladder has each length once, and below it what was shorter', () => {
  const [seconds, counts] = [Float64Array.of(60, 30, 60), Float64Array.of(2, 5, 1)];
  const { at, killedBelow, survivedBelow } = ladderOf(seconds, counts, Float64Array.of(90, 60));
  expect([...at]).toEqual([30, 60, 90]);
  expect([...killedBelow]).toEqual([0, 0, 1, 2]);
  expect([...survivedBelow]).toEqual([0, 5, 8, 8]);
});

test('a ladder of nothing has no rung', () => {
  const none = new Float64Array(0);
  const sum = Float64Array.of(0);
  expect(ladderOf(none, none, none)).toEqual({ at: none, killedBelow: sum, survivedBelow: sum });
});

const TWO = Float64Array.of(30, 60);

test.each<[string, unknown, readonly unknown[]]>([
  ['an order of nothing', orderOf, [undefined]],
  ['an order of a list', orderOf, [[30, 60]]],
  ['an order with a number that is none', orderOf, [Float64Array.of(30, Number.NaN)]],
  ['a ladder without kills', ladderOf, [TWO, TWO, undefined]],
  ['a ladder with counts too few', ladderOf, [TWO, TWO.subarray(1), TWO]],
  ['a ladder with a count that is none', ladderOf, [TWO, Float64Array.of(1, Number.NaN), TWO]],
  ['a ladder with a length that is none', ladderOf, [Float64Array.of(30, Number.NaN), TWO, TWO]],
  ['a ladder with a kill that is none', ladderOf, [TWO, TWO, Float64Array.of(Number.NaN)]],
  ['a ladder of memory of several threads', ladderOf, [shared(TWO), TWO, TWO]],
  ['a digest of text', sha1, ['abc']],
  ['a digest of words', sha1, [Uint16Array.of(1)]],
])('refused: %s', (_, call, words) => {
  expect(errorOfCall(call, words)).toEqual(refused);
});

test(`${COLUMNS} columns at random, and as many that nobody should send, under sanitizers`, {
  timeout: 600_000,
}, async () => {
  const program = await nativeProgram('test/native/numbers_test.cc', ['native/numbers']);
  const { status, stdout, stderr } = await run(program, [String(COLUMNS), '1']);
  expect(stderr).toBe('');
  expect(stdout).toMatch(
    new RegExp(`^${COLUMNS} columns, [1-9]\\d{2,} clusters, [1-9]\\d{2,} ladders\n$`),
  );
  expect(status).toBe(0);
});
