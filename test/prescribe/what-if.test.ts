/** What would keepalive every X seconds have saved? */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { whatIf } from '../../src/prescribe/what-if.ts';
import { death } from '../report/analyses.ts';
import { deaths, pathCase } from './cases.ts';

const kills = deaths(100, 120, 400);
const box = pathCase({ timeout: { lowSeconds: 80, highSeconds: 95 }, kills });

test('probes more frequent than the box forgets save all', () => {
  expect(whatIf(box, 60)).toEqual({
    keepaliveSeconds: 60,
    saved: 3,
    lost: 0,
    uncertain: 0,
    endpointTimers: 0,
  });
});

test('probes that come when it has forgotten save none', () => {
  expect(whatIf(box, 95)).toMatchObject({ saved: 0, lost: 3, uncertain: 0 });
  expect(whatIf(box, 7200)).toMatchObject({ saved: 0, lost: 3, uncertain: 0 });
});

test('in between nobody knows', () => {
  expect(whatIf(box, 80)).toMatchObject({ saved: 0, lost: 0, uncertain: 3 });
  expect(whatIf(box, 94)).toMatchObject({ saved: 0, lost: 0, uncertain: 3 });
});

test('without an interval only a silence that no probe would have cut is sure to be lost', () => {
  const timeout = { lowSeconds: null, highSeconds: null, status: 'refused' } as const;
  expect(whatIf(pathCase({ timeout, kills }), 110)).toMatchObject({
    saved: 0,
    lost: 1,
    uncertain: 2,
  });
});

test('a kill shorter than the box waits was of something else: keepalive may not help', () => {
  const odd = pathCase({ timeout: { lowSeconds: 80, highSeconds: 95 }, kills: deaths(30, 100) });
  expect(whatIf(odd, 20)).toMatchObject({ saved: 1, uncertain: 1 });
});

test('timers of an application or a proxy are never saved', () => {
  const closes = [death({ id: 'f_9', verdict: 'endpoint-timer' })];
  const timeout = { lowSeconds: 80, highSeconds: 95 };
  expect(whatIf(pathCase({ timeout, kills, closes }), 1)).toMatchObject({
    saved: 3,
    endpointTimers: 1,
  });
  const payload = { lowSeconds: null, highSeconds: null, reason: 'endpoint-timer' } as const;
  expect(whatIf(pathCase({ timeout: payload, kills }), 1)).toMatchObject({
    saved: 0,
    lost: 0,
    uncertain: 0,
    endpointTimers: 3,
  });
});

test('every kill has one fate, and more frequent probes never save fewer', () => {
  const seconds = fc.integer({ min: 1, max: 1000 });
  fc.assert(
    fc.property(
      fc.array(seconds, { maxLength: 20 }),
      seconds,
      seconds,
      seconds,
      (silent, a, b, x) => {
        const timeout = { lowSeconds: Math.min(a, b), highSeconds: Math.max(a, b) };
        const some = pathCase({ timeout, kills: deaths(...silent) });
        const [rare, often] = [whatIf(some, x), whatIf(some, x / 2)];
        expect(rare.saved + rare.lost + rare.uncertain).toBe(silent.length);
        expect(often.saved).toBeGreaterThanOrEqual(rare.saved);
      },
    ),
  );
});
