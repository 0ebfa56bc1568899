/** What a rule may ask about the rest of the capture. */
import { expect, test } from 'vitest';
import { OUTCOME, RESET_SECOND, SILENCE_KIND, type SURVIVOR_BIN } from '../../src/base/silence.ts';
import type { Captured } from '../../src/dispatch/merge.ts';
import { buildScene } from '../../src/path/scene.ts';
import { packed, record, SERVER, second, survivorRows, type Values } from './packed.ts';

const NOTHING = new Uint8Array(0);
const captured = (given: Partial<Captured>): Captured => ({
  sources: [],
  capturePoints: [],
  counters: {} as Captured['counters'],
  silences: NOTHING,
  births: NOTHING,
  survivors: NOTHING,
  alive: NOTHING,
  thinned: {} as Captured['thinned'],
  resetSeconds: NOTHING,
  undecided: NOTHING,
  greetings: NOTHING,
  blindSpots: NOTHING,
  ...given,
});

const survivors = (...rows: Values<typeof SURVIVOR_BIN>[]) =>
  captured({ survivors: survivorRows(rows) });

test('the longest survivor of a path is the longest of all its bins, either side speaking first', () => {
  const scene = buildScene(
    survivors(
      { longestNs: second(44), firstSpeaker: 0 },
      { longestNs: second(320), firstSpeaker: 1 },
      { longestNs: second(900), responderPort: 443 },
      { longestNs: second(901), outcome: OUTCOME.closed },
      { longestNs: second(902), clock: SILENCE_KIND.payload },
    ),
    second(20),
  );
  expect(scene.longestSurvivedNs(record())).toBe(second(320));
  expect(scene.longestSurvivedNs(record({ kind: SILENCE_KIND.payload }))).toBe(second(902));
  expect(scene.longestSurvivedNs(record({ responderPort: 22 }))).toBe(0n);
});

test('resets without a silence are counted by whole seconds, both ends included', () => {
  const rows = [12, 10, 11, 15].map((at) => ({ ...SERVER, second: at, count: at }));
  const other = { ...SERVER, responderAddress: [198, 51, 100, 10], second: 11, count: 1000 };
  const resetSeconds = packed(RESET_SECOND, [...rows, other]);
  const scene = buildScene(captured({ resetSeconds }), second(20));
  const count = (from: number, until: number) =>
    scene.statelessResets(record(), second(from), second(until));
  expect(count(10, 12.9)).toBe(33);
  expect(count(11.5, 14)).toBe(23);
  expect(count(16, 100)).toBe(0);
  expect(count(0, 100)).toBe(48);
});

test('a capture point ends with its own last packet', () => {
  const point = {
    source: 0,
    sources: [0],
    name: '',
    linkType: 1,
    snaplen: 0,
    firstAtNs: 0n,
    packets: 3,
  };
  const capturePoints = [
    { ...point, lastAtNs: second(7) },
    { ...point, lastAtNs: second(9) },
  ];
  const scene = buildScene(captured({ capturePoints }), second(20));
  expect([scene.captureEndNs(0), scene.captureEndNs(1)]).toEqual([second(7), second(9)]);
});
