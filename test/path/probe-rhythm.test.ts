/** How far apart the probes are that kept connections alive. */
import { expect, test } from 'vitest';
import type { SURVIVOR_BIN } from '../../src/base/silence.ts';
import { probeRhythm } from '../../src/path/probe-rhythm.ts';
import { readSurvivors } from '../../src/path/survivors.ts';
import { second, survivorRows, type Values } from './packed.ts';

const rhythm = (...rows: Values<typeof SURVIVOR_BIN>[]) =>
  probeRhythm(readSurvivors(survivorRows(rows)));

test('is the length of the middle silence that a probe ended, whatever data ended beside it', () => {
  const probed = { bin: 2, count: 9, keepalives: 7, longestNs: second(75) };
  const spoken = { bin: 3, count: 500, keepalives: 0, longestNs: second(40) };
  const once = { bin: 4, count: 1, keepalives: 1, longestNs: second(300) };
  expect(rhythm(spoken, once, probed)).toBe(75);
});

test('is unknown where no probe ended a silence', () => {
  expect(rhythm({ count: 3, keepalives: 0, longestNs: second(9) })).toBeNull();
  expect(rhythm()).toBeNull();
});
