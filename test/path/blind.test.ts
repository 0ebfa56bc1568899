/** Seconds in which the capture saw nothing. */
import { expect, test } from 'vitest';
import { BLIND_SPOT } from '../../src/base/silence.ts';
import type { Captured } from '../../src/dispatch/merge.ts';
import { blindSeconds } from '../../src/path/blind.ts';
import { packed, second } from './packed.ts';

const spot = (capturePoint: number, from: number, until: number) => ({
  capturePoint,
  fromNs: second(from),
  untilNs: second(until),
});

test('a hole that two interfaces of one file saw is one hole', () => {
  const blindSpots = packed(BLIND_SPOT, [
    spot(1, 15, 30),
    spot(0, 10, 20),
    spot(0, 40, 41),
    spot(2, 1, 2),
  ]);
  const capturePoints = [{ source: 0 }, { source: 0 }, { source: 1 }];
  const captured = { blindSpots, capturePoints, sources: [{}, {}, {}] } as unknown as Captured;
  expect(blindSeconds(captured)).toEqual([21, 1, 0]);
});
