/** What must not matter to an estimate, and what must. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OUTCOME, SURVIVOR_BIN } from '../../src/base/silence.ts';
import { mergeSurvivors } from '../../src/dispatch/gathered.ts';
import { binOf } from '../../src/path/bins.ts';
import { posterior, type Prior } from '../../src/path/estimate/change-point.ts';
import { findPaths } from '../../src/path/paths.ts';
import { readSurvivors } from '../../src/path/survivors.ts';
import { finding } from './findings.ts';
import { ladderOf, type Observation } from './observed.ts';
import { packed, record, SERVER, second, type Values } from './packed.ts';

const PRIOR: Prior = { lowSeconds: 5, highSeconds: 172_800 };
const WIDE: Prior = { lowSeconds: 1e-6, highSeconds: 1e12 };

const observation = fc.record({
  seconds: fc.double({ min: 6, max: 7000, noNaN: true }),
  killed: fc.integer({ min: 0, max: 3 }),
  survived: fc.integer({ min: 0, max: 3 }),
});
const observations = fc.array(observation, { minLength: 3, maxLength: 60 });
const fit = (all: readonly Observation[], prior = PRIOR) => posterior(ladderOf(all), prior);

/** Kills beyond `T`, survivors up to it; one in `every` the other way round. */
const timeoutAt = (T: number, every: number) =>
  fc
    .array(fc.double({ min: 20, max: 4000, noNaN: true }), { minLength: 40, maxLength: 80 })
    .map((all) =>
      all.map((seconds, i): Observation => {
        const killed = seconds > T !== (i % every === every - 1);
        return { seconds, killed: killed ? 1 : 0, survived: killed ? 0 : 1 };
      }),
    );

describe('the posterior', () => {
  test('does not know in which order silences were seen', () => {
    fc.assert(
      fc.property(observations, fc.integer(), (all, turn) => {
        const at = Math.abs(turn) % all.length;
        expect(fit([...all.slice(at), ...all.slice(0, at)])).toEqual(fit(all));
        expect(fit(all.toReversed())).toEqual(fit(all));
      }),
    );
  });

  test('does not care how they were split and counted together', () => {
    fc.assert(
      fc.property(observations, (all) => {
        const parts = all.flatMap(({ seconds, killed, survived }) => [
          { seconds, killed, survived: 0 },
          { seconds, killed: 0, survived },
        ]);
        expect(fit(parts)).toEqual(fit(all));
      }),
    );
  });

  test('keeps the estimate in the interval and both in the prior', () => {
    fc.assert(
      fc.property(observations, (all) => {
        const { lowSeconds, medianSeconds, highSeconds } = fit(all);
        expect(lowSeconds).toBeGreaterThanOrEqual(PRIOR.lowSeconds);
        expect(highSeconds).toBeLessThanOrEqual(PRIOR.highSeconds);
        expect(lowSeconds).toBeLessThan(highSeconds);
        expect(medianSeconds).toBeGreaterThanOrEqual(PRIOR.lowSeconds);
        expect(medianSeconds).toBeLessThanOrEqual(PRIOR.highSeconds);
      }),
    );
  });

  test('measures in any unit: all silences c times as long, T c times as long', () => {
    fc.assert(
      fc.property(timeoutAt(350, 17), fc.double({ min: 0.1, max: 10, noNaN: true }), (all, c) => {
        const scaled = all.map((one) => ({ ...one, seconds: one.seconds * c }));
        const [a, b] = [fit(all, WIDE), fit(scaled, WIDE)];
        expect(b.medianSeconds / a.medianSeconds / c).toBeCloseTo(1, 3);
        expect(b.lowSeconds / a.lowSeconds / c).toBeCloseTo(1, 6);
        expect(b.highSeconds / a.highSeconds / c).toBeCloseTo(1, 6);
      }),
    );
  });

  test('is no wider for seeing everything twice', () => {
    fc.assert(
      fc.property(timeoutAt(350, 17), (all) => {
        const [once, twice] = [fit(all), fit([...all, ...all])];
        expect(twice.lowSeconds).toBeGreaterThanOrEqual(once.lowSeconds);
        expect(twice.highSeconds).toBeLessThanOrEqual(once.highSeconds);
      }),
    );
  });
});

/** One row for each silence, or one for each bin. */
const row = (seconds: number, count = 1): Values<typeof SURVIVOR_BIN> => ({
  ...SERVER,
  bin: binOf(second(seconds)),
  count,
  longestNs: second(seconds),
  outcome: OUTCOME.survived,
});

const timeoutOf = (rows: Uint8Array, killed: readonly number[]) =>
  findPaths(
    killed.map((s, i) =>
      finding(`f_${i}`, 'box-timeout', record({ endedAtNs: second(s) }), second(s)),
    ),
    readSurvivors(rows),
    { placeName: String, shortestSeconds: 20 },
  ).paths[0]?.timeout;

const survivorLengths = fc.array(fc.double({ min: 20, max: 400, noNaN: true }), {
  minLength: 20,
  maxLength: 60,
});
const killLengths = fc.array(fc.double({ min: 360, max: 4000, noNaN: true }), {
  minLength: 6,
  maxLength: 30,
});

describe('bins', () => {
  const rowsOf = (all: readonly number[]) =>
    packed(
      SURVIVOR_BIN,
      [...all].sort((a, b) => a - b).map((s) => row(s)),
    );

  test('of any number of shards make one estimate', () => {
    fc.assert(
      fc.property(
        survivorLengths,
        killLengths,
        fc.integer({ min: 1, max: 5 }),
        (all, killed, n) => {
          const shards = Array.from({ length: n }, (_, shard) =>
            mergeSurvivors([rowsOf(all.filter((_s, i) => i % n === shard))]),
          );
          const merged = mergeSurvivors(shards);
          expect(timeoutOf(merged, killed)).toEqual(
            timeoutOf(mergeSurvivors([rowsOf(all)]), killed),
          );
        },
      ),
    );
  });

  /** A kill within a bin of a survivor may have come before or behind it: which, the bin no longer says. */
  const apart = (all: readonly number[], killed: readonly number[]) =>
    killed.every((kill) => all.every((s) => Math.abs(Math.log(kill / s)) > 0.0101));

  test('instead of points move an estimate by less than 1 %, where their order is known', () => {
    fc.assert(
      fc.property(survivorLengths, killLengths, (all, killed) => {
        fc.pre(apart(all, killed));
        const points = timeoutOf(rowsOf(all), killed);
        const binned = timeoutOf(mergeSurvivors([rowsOf(all)]), killed);
        expect(binned?.status).toBe(points?.status);
        for (const edge of ['estimateSeconds', 'lowSeconds', 'highSeconds'] as const) {
          const [exact, coarse] = [points?.[edge] ?? 1, binned?.[edge] ?? 1];
          expect(Math.abs(Math.log(coarse / exact))).toBeLessThan(0.0101);
        }
      }),
    );
  });
});
