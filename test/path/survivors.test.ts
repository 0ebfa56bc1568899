/** Bins that differ in nothing but the length are one run, however long. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SURVIVOR_BIN } from '../../src/base/silence.ts';
import { readSurvivors } from '../../src/path/survivors.ts';
import { SERVER, second, survivorRows, type Values } from './packed.ts';

type Row = Values<typeof SURVIVOR_BIN>;

const row = (bin: number, more: Row = {}): Row => ({
  ...SERVER,
  bin,
  count: bin + 1,
  keepalives: bin,
  longestNs: second(bin + 0.5),
  ...more,
});

const OTHERS: readonly Row[] = [
  { responderAddress: [198, 51, 100, 8] },
  { responderAddress: [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], ipVersion: 6 },
  { responderAddress: [198, 51, 100, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], ipVersion: 6 },
  { responderPort: 27018 },
  { capturePoint: 1 },
  { tunnelId: 7 },
  { tunnelKind: 1 },
  { firstSpeaker: 1 },
  { tcpState: 1 },
  { clock: 1 },
];

describe('a run', () => {
  test.each(OTHERS)('ends where a row has another %j', (other) => {
    const runs = readSurvivors(survivorRows([row(1), row(2), row(1, other), row(300, other)]));
    const lengths = runs.map(({ longest }) => [...longest]).sort((a, b) => a.length - b.length);
    expect(lengths).toHaveLength(2);
    expect(lengths.flat().sort((a, b) => a - b)).toEqual([1.5, 1.5, 2.5, 300.5]);
  });

  test('stands by length, and its columns hold what its rows hold', () => {
    const [run, ...others] = readSurvivors(survivorRows([row(256), row(3), row(1)]));
    expect(others).toEqual([]);
    expect([...(run?.longest ?? [])]).toEqual([1.5, 3.5, 256.5]);
    expect([...(run?.counts ?? [])]).toEqual([2, 4, 257]);
    expect([...(run?.keepalives ?? [])]).toEqual([1, 3, 256]);
    expect(run?.longestNs).toBe(second(256.5));
  });

  test('is found whole, however long it and its neighbours are', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 70 }), { maxLength: 12 }), (lengths) => {
        const rows = lengths.flatMap((length, port) =>
          Array.from({ length }, (_, bin) => row(bin, { responderPort: port + 1 })),
        );
        const runs = readSurvivors(survivorRows(rows));
        const found = new Map(
          runs.map(({ responder, longest }) => [responder.port, longest.length]),
        );
        expect(runs).toHaveLength(lengths.length);
        for (const [port, length] of lengths.entries()) expect(found.get(port + 1)).toBe(length);
      }),
    );
  });
});
