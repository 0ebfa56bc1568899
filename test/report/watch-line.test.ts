/** The line on a terminal that says how a live capture stands. */
import { expect, test } from 'vitest';
import { standingLine } from '../../src/report/text/watch-line.ts';

const BUSY = {
  packetsPerSecond: 297_000,
  connections: 284_312,
  openSilences: 1200,
  dropped: 6287,
  findings: 16,
  cpuPercent: 12.4,
  away: ['out0'],
};

test('on a wide terminal all of it is said', () => {
  expect(standingLine(BUSY, 119)).toBe(
    'out0 is DOWN, 297 000 packets/s, 6 287 dropped, 16 findings, 1 200 silent, 284 312 connections, CPU 12 %',
  );
});

test('on a narrow one no word is cut, and what is wrong stays', () => {
  expect(standingLine(BUSY, 79)).toBe(
    'out0 is DOWN, 297 000 packets/s, 6 287 dropped, 16 findings, 1 200 silent',
  );
  expect(standingLine(BUSY, 79).length).toBeLessThan(80);
  expect(standingLine({ ...BUSY, away: ['out0'.repeat(40)] }, 79)).toHaveLength(79);
});
