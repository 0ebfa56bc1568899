/** What is said of T, and when nothing is said: each reason with the picture that earns it. */
import { describe, expect, test } from 'vitest';
import { priorFor } from '../../src/path/estimate/change-point.ts';
import { exactTimeout, halfSampleMode } from '../../src/path/estimate/exact.ts';
import { estimate } from '../../src/path/estimate/timeout.ts';
import { ns } from '../judge/records.ts';
import { evidence, kill, lengths, type Told } from './observed.ts';
import { randomFrom } from './random.ts';

const PRIOR = priorFor(20);
const seen = (told: Told) => estimate(evidence(told), PRIOR);
const T = (told: Told) => seen(told).timeout;

describe('estimated', () => {
  test('clean kills and survivors: the interval is the bracket between them', () => {
    expect(T({ survived: lengths(20, 300, 20), killed: lengths(360, 900, 10) })).toMatchObject({
      status: 'estimated',
      basis: 'change-point',
      reason: null,
      lowSeconds: 300,
      highSeconds: 360,
    });
  });

  test('one stray kill and one spared silence do not move it', () => {
    const { lowSeconds, highSeconds } = T({
      survived: [...lengths(20, 345, 40), 700],
      killed: [...lengths(352, 900, 40), 31],
    });
    expect(lowSeconds).toBeLessThanOrEqual(345);
    expect(highSeconds).toBeGreaterThanOrEqual(352);
    expect((highSeconds ?? 0) / (lowSeconds ?? 1)).toBeLessThan(1.1);
  });

  test('below five seconds too, in a capture read for shorter silences', () => {
    const short = evidence({ survived: lengths(0.2, 1.9, 20), killed: lengths(2.1, 9, 10) });
    expect(estimate(short, priorFor(0.2)).timeout).toMatchObject({
      lowSeconds: 1.9,
      highSeconds: 2.1,
    });
    expect([priorFor(0.05).lowSeconds, priorFor(4).lowSeconds, priorFor(60).lowSeconds]).toEqual([
      0.1, 2, 5,
    ]);
  });

  test('resets at expiry tell T itself, whatever one of them does', () => {
    const killed = [90.02, 90.01, 90.04, 90.03, 90.02, 47];
    const { timeout, significant } = seen({
      survived: [20, 30],
      killed,
      kills: { atExpiry: true },
    });
    expect(timeout).toMatchObject({ status: 'estimated', basis: 'exact', highSeconds: 90.04 });
    expect(timeout.estimateSeconds).toBeCloseTo(90.02, 6);
    // Five records spread over 30 ms: the timer may lie 1.11 such spreads below the least.
    expect(timeout.lowSeconds).toBeCloseTo(90.01 - 1.1147 * 0.03, 4);
    expect(significant).toBe(true);
  });

  test('two boxes side by side: the smaller timeout binds, the other is named', () => {
    const shared = lengths(245, 880, 80);
    const { timeout, stepsSeconds } = seen({
      survived: [...lengths(20, 238, 60), ...shared.filter((_, i) => i % 2 === 0)],
      killed: [...shared.filter((_, i) => i % 2 === 1), ...lengths(905, 3000, 60)],
    });
    expect(timeout.status).toBe('estimated');
    expect(timeout.lowSeconds).toBeLessThanOrEqual(240);
    expect(timeout.highSeconds).toBeGreaterThanOrEqual(240);
    expect(stepsSeconds).toEqual([expect.closeTo(240, -2), expect.closeTo(900, -2)]);
  });
});

describe('bounded', () => {
  test('by kills alone: T is at most the shortest', () => {
    expect(T({ killed: lengths(350, 900, 10) })).toMatchObject({
      status: 'bounded',
      basis: 'bound',
      lowSeconds: null,
      highSeconds: 350,
      reason: 'nothing-survived',
    });
  });

  test('by one kill that a box is proven to have made: it waits no longer than that', () => {
    const told = { ...evidence({}), kills: [{ ...kill(350), proven: true }] };
    expect(estimate(told, PRIOR).timeout).toMatchObject({ status: 'bounded', highSeconds: 350 });
  });

  test('by survivors alone: T is more than the longest', () => {
    expect(T({ survived: lengths(20, 900, 10) })).toMatchObject({
      status: 'bounded',
      lowSeconds: 900,
      highSeconds: null,
      reason: 'nothing-killed',
    });
  });

  test('by one proven kill above all survivors', () => {
    expect(T({ survived: [20, 300], killed: [360] })).toMatchObject({
      status: 'bounded',
      lowSeconds: 300,
      highSeconds: 360,
      reason: 'too-few',
    });
  });
});

describe('refused', () => {
  test('too-few: one reset that anybody may have sent', () => {
    const kills = { proven: false };
    expect(T({ killed: [360], kills })).toMatchObject({ status: 'refused', reason: 'too-few' });
    expect(T({ survived: [20, 300], killed: [360], kills }).reason).toBe('too-few');
    expect(T({}).reason).toBe('too-few');
  });

  test('no-bracket: everything that survived was longer than everything killed', () => {
    expect(T({ survived: lengths(600, 900, 9), killed: lengths(30, 60, 9) })).toMatchObject({
      status: 'refused',
      reason: 'no-bracket',
    });
  });

  test('no-dependence: kills at every length, as when a table is full', () => {
    expect(
      T({ survived: lengths(20, 900, 40), killed: lengths(25, 895, 12), kills: { proven: false } }),
    ).toMatchObject({ status: 'refused', reason: 'no-dependence' });
  });

  test('several-steps: silences of middle length are killed, the long ones survive', () => {
    const survived = [...lengths(20, 110, 60), ...lengths(400, 3000, 90)];
    expect(T({ survived, killed: lengths(120, 380, 60) })).toMatchObject({
      status: 'refused',
      reason: 'several-steps',
    });
  });

  test('endpoint-timer: closes of its own, and no kill', () => {
    const { timeout, endpointTimerSeconds } = seen({
      survived: [20, 40],
      timers: [60, 60.01, 60.02, 30],
    });
    expect(timeout).toMatchObject({ status: 'refused', reason: 'endpoint-timer' });
    expect(endpointTimerSeconds).toBeCloseTo(60, 1);
  });

  test('endpoint-timer: resets at a constant time since the last payload, whatever crossed', () => {
    const kills = [3, 11, 17, 8].map((seconds, i) =>
      kill(seconds, { payloadSeconds: 60 + i / 100, atExpiry: true, proven: true }, i),
    );
    const { timeout, endpointTimerSeconds } = estimate({ ...evidence({}), kills }, PRIOR);
    expect(timeout.reason).toBe('endpoint-timer');
    expect(endpointTimerSeconds).toBeCloseTo(60, 1);
  });

  test('endpoint-timer: only the payload clock parts what was killed from what survived', () => {
    const kills = lengths(21, 29, 12).map((seconds, i) =>
      kill(seconds, { payloadSeconds: 610 + i }, i),
    );
    const told = {
      survived: lengths(20, 30, 40),
      payloadSurvived: lengths(100, 590, 40),
    };
    const { timeout, endpointTimerSeconds } = estimate({ ...evidence(told), kills }, PRIOR);
    expect(timeout.reason).toBe('endpoint-timer');
    expect(endpointTimerSeconds).toBeGreaterThan(590);
    expect(endpointTimerSeconds).toBeLessThan(610);
  });

  test('one-moment: two restarts would explain all of it', () => {
    const kills = lengths(5000, 9000, 4).map((seconds, i) =>
      kill(seconds, { proven: false, startedAtNs: ns(i), goneAtNs: ns(i + seconds) }),
    );
    const busy = evidence({ survived: lengths(20, 600, 20) });
    expect(estimate({ ...busy, kills }, PRIOR).timeout).toMatchObject({ reason: 'one-moment' });
    const apart = kills.map((one, i) => kill(one.seconds, { proven: false }, i));
    expect(estimate({ ...busy, kills: apart }, PRIOR).timeout.status).toBe('estimated');
    const long = evidence({ survived: lengths(20, 4000, 20) });
    expect(estimate({ ...long, kills }, PRIOR).timeout).toMatchObject({ reason: 'one-moment' });
    const [first, ...rest] = kills.map((one) => ({ ...one, outlived: false }));
    const outlived = [kill(5000, { ...first, outlived: true }), ...rest];
    expect(estimate({ ...long, kills: outlived }, PRIOR).timeout.status).toBe('estimated');
    const many = [kills, kills, kills].flat();
    expect(estimate({ ...long, kills: many }, PRIOR).timeout.status).toBe('estimated');
  });

  test('one-moment: a box that resets all it has, of connections that were last used together', () => {
    const reset = (n: number, apart: number) =>
      Array.from({ length: n }, (_, i) =>
        kill(97, { atExpiry: true, startedAtNs: ns(i * apart), goneAtNs: ns(97 + i * apart) }),
      );
    const busy = evidence({ survived: lengths(20, 90, 40) });
    expect(estimate({ ...busy, kills: reset(6, 0) }, PRIOR).timeout.reason).toBe('one-moment');
    expect(estimate({ ...busy, kills: reset(6, 5) }, PRIOR).timeout.basis).toBe('exact');
  });

  test('one-moment: one kill that was located says nothing of those that a restart took', () => {
    const taken = lengths(5000, 9000, 20).map((seconds, i) =>
      kill(seconds, {
        proven: false,
        outlived: false,
        startedAtNs: ns(i),
        goneAtNs: ns(i + seconds),
      }),
    );
    const busy = evidence({ survived: lengths(20, 600, 20) });
    const located = kill(700, { proven: true }, 9);
    const { timeout } = estimate({ ...busy, kills: [...taken, located] }, PRIOR);
    expect(timeout).toMatchObject({ status: 'refused', reason: 'one-moment' });
  });

  test('one-moment: restarts at three moments explain as many kills, if nothing older was answered after any', () => {
    const kills = lengths(5000, 9000, 4).map((seconds, i) =>
      kill(seconds, { proven: false, outlived: false }, i),
    );
    const busy = evidence({ survived: lengths(20, 600, 20) });
    expect(estimate({ ...busy, kills }, PRIOR).timeout).toMatchObject({ reason: 'one-moment' });
  });
});

/** Each at a moment of its own. */
const announced = (...seconds: readonly number[]) =>
  seconds.map((one, i) => ({ seconds: one, goneAtNs: ns(1000 * i) }));

describe('the half-sample mode', () => {
  test('finds where records crowd', () => {
    expect(halfSampleMode([1, 5, 5.1, 5.2, 9, 30])).toBeCloseTo(5.05, 6);
    expect(halfSampleMode([4])).toBe(4);
  });

  test('says nothing of fewer than three, or of records that disagree', () => {
    expect(exactTimeout(announced(90, 90.01))).toBe(null);
    expect(exactTimeout(announced(30, 60, 90, 120, 150))).toBe(null);
  });

  test('takes what comes at one moment for one record', () => {
    const together = announced(97, 97.01, 97.02, 97.03).map((one) => ({ ...one, goneAtNs: ns(5) }));
    expect(exactTimeout(together)).toBe(null);
    expect(exactTimeout([...together, ...announced(97, 97.01)])).toMatchObject({ agreeing: 6 });
  });

  test('knows less of a box that looks every five seconds, the fewer there are', () => {
    const random = randomFrom(5);
    const held = (n: number): number =>
      Array.from({ length: 1000 }, () =>
        exactTimeout(announced(...Array.from({ length: n }, () => 600 + 5 * random()))),
      ).filter((exact) => exact !== null && exact.lowSeconds <= 600).length;
    for (const n of [3, 5, 20]) expect(held(n)).toBeGreaterThan(935);
  });
});
