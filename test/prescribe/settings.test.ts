/** From T's lower bound to the three numbers of keepalive: docs/remedies.md. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { givesUpAfter, keepaliveWithin } from '../../src/prescribe/settings.ts';
import { safeSilence, supportedSurvivor } from '../../src/prescribe/safe-silence.ts';
import { deaths, pathCase } from './cases.ts';

const numbers = (safe: number) => Object.values(keepaliveWithin(safe));

describe('the three numbers', () => {
  test.each([
    [88, [44, 8, 5]],
    [347, [173, 30, 5]],
    [58, [29, 5, 5]],
    [4.4, [1, 1, 3]],
    [6, [3, 1, 2]],
    [900, [450, 30, 5]],
    [7440, [3720, 30, 5]],
  ])('for %d s are %j', (safe, expected) => {
    expect(numbers(safe)).toEqual(expected);
  });

  test('are whole seconds, at least one, with room for three lost probes from 5 s on', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 500_000, noNaN: true }), (safe) => {
        const { idleSeconds, intervalSeconds, probes } = keepaliveWithin(safe);
        expect([idleSeconds, intervalSeconds].every((n) => Number.isInteger(n) && n >= 1)).toBe(
          true,
        );
        expect(probes).toBeGreaterThanOrEqual(1);
        expect(probes).toBeLessThanOrEqual(5);
        if (safe > 10) expect(probes).toBe(5);
        // Given up before the box forgets: nobody waits for an answer that cannot come.
        if (safe > 2) expect(idleSeconds + probes * intervalSeconds).toBeLessThan(safe);
        expect(intervalSeconds).toBeLessThanOrEqual(30);
        if (safe >= 5) expect(idleSeconds + 3 * intervalSeconds).toBeLessThanOrEqual(safe);
      }),
    );
  });

  test('TCP_USER_TIMEOUT gives up when keepalive does', () => {
    expect(givesUpAfter(keepaliveWithin(88))).toBe(84);
  });
});

describe('the silence that can be relied on', () => {
  const survivors = [
    { seconds: 20, outcome: 'survived', count: 9 },
    { seconds: 50, outcome: 'survived', count: 2 },
    { seconds: 70, outcome: 'survived', count: 1 },
    { seconds: 400, outcome: 'survived', count: 7 },
  ];
  const safe = (lowSeconds: number | null, observations = survivors) =>
    safeSilence(
      pathCase({
        timeout: {
          lowSeconds,
          highSeconds: 90,
          status: lowSeconds === null ? 'bounded' : 'estimated',
        },
        kills: deaths(95, 120),
        path: { observations },
      }),
    );

  test('is the lower end of the interval', () => {
    expect(safe(88)).toEqual({ seconds: 88, isProvisional: false, from: 'interval' });
  });

  test('is, without one, what three silences survived below the bound: provisional', () => {
    expect(safe(null)).toEqual({ seconds: 50, isProvisional: true, from: 'survivors' });
  });

  test('is a third of the bound where too few survived: provisional', () => {
    const one = [{ seconds: 70, outcome: 'survived', count: 1 }];
    expect(safe(null, one)).toEqual({ seconds: 30, isProvisional: true, from: 'third-of-bound' });
  });

  test('is of no use where no box killed anything', () => {
    const timeout = { lowSeconds: 88, highSeconds: null };
    expect(safeSilence(pathCase({ timeout }))).toBeNull();
  });

  test('takes the shortest kill for the bound where the estimate was refused', () => {
    const timeout = { lowSeconds: null, highSeconds: null, status: 'refused' } as const;
    const refused = pathCase({ timeout, kills: deaths(95, 120), path: { observations: [] } });
    expect(safeSilence(refused)?.seconds).toBeCloseTo(95 / 3, 9);
  });

  test('stands a crowd of kills', () => {
    const [kill] = deaths(90);
    const timeout = { lowSeconds: null, highSeconds: null, status: 'refused' } as const;
    const crowd = Array.from({ length: 300_000 }, () => kill).filter((one) => one !== undefined);
    const { path } = pathCase({ timeout, path: { observations: [] } });
    expect(safeSilence({ path, kills: crowd, closes: [], others: [] })?.seconds).toBe(30);
  });

  test('kills do not count as support', () => {
    expect(supportedSurvivor([{ seconds: 70, outcome: 'late-reset', count: 9 }], 90)).toBeNull();
  });
});
