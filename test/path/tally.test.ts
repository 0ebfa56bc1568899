/** Every reset has one cause and every silence one outcome. */
import { expect, test } from 'vitest';
import { ENDING, OUTCOME, SILENCE_KIND } from '../../src/base/silence.ts';
import type { Counters } from '../../src/capture/addon.ts';
import { tallyResets, tallySilences } from '../../src/path/tally.ts';
import { finding, judgement } from './findings.ts';
import { record } from './packed.ts';

const COUNTERS = {
  resets: {
    refused: 2,
    afterFin: 3,
    abort: 0,
    unknownConnection: 0,
    outOfWindow: 0,
    duplicate: 0,
    noSilence: 5,
    inRecords: 4,
    notExamined: 1,
  },
  silences: {
    survived: 10,
    closed: 2,
    open: 6,
    unobserved: 3,
    killedInRecords: 2,
    closedInRecords: 1,
    openInRecords: 1,
    notExamined: 1,
  },
} as unknown as Counters;

const sum = (tally: object): number =>
  Object.values(tally).reduce((a: number, b) => a + Number(b), 0);

const reset = (frameEnding: number, framePair = 0) =>
  record({ outcome: OUTCOME.killed, endingKind: ENDING.rst, frameEnding, framePair });

test('causes add up to the resets seen, records beyond the ceiling included', () => {
  const tally = tallyResets(COUNTERS, [
    judgement(reset(41, 42), 'killed', ['expiry-reset', 'expiry-reset']),
    judgement(reset(50), 'closed', ['abort']),
  ]);
  expect(tally).toEqual({
    refused: 2,
    'after-fin': 3,
    'no-silence': 5,
    'expiry-reset': 2,
    abort: 1,
    'not-examined': 2,
  });
  expect(sum(tally)).toBe(sum(COUNTERS.resets));
});

test('a burst takes along the connections that had just spoken, and the sum stays', () => {
  const burst = { atNs: 0n, flows: 8, reading: 'restarted', findingIds: ['f_1', 'f_2', 'f_3'] };
  const judged = [judgement(reset(41), 'killed', ['burst'])];
  const tally = tallyResets(COUNTERS, judged, [burst]);
  expect(tally).toMatchObject({ burst: 6 });
  expect(tally['no-silence'] ?? 0).toBe(0);
  expect(sum(tally)).toBe(sum(tallyResets(COUNTERS, judged)));
});

test('a reset that ends a packet silence and a payload silence is one reset, and its finding names it', () => {
  const payload = record({
    kind: SILENCE_KIND.payload,
    outcome: OUTCOME.closed,
    endingKind: ENDING.rst,
    frameEnding: 41,
  });
  const named = finding('f_1', 'endpoint-timer', payload);
  const both = [
    judgement(reset(41), 'closed', ['abort']),
    judgement(payload, 'closed', ['idle-close'], named),
  ];
  expect(tallyResets(COUNTERS, both)).toMatchObject({ 'idle-close': 1, 'not-examined': 4 });
  expect(tallyResets(COUNTERS, both.toReversed())).toEqual(tallyResets(COUNTERS, both));
});

test('a second reset behind a FIN is the pair', () => {
  const closed = record({ endingKind: ENDING.fin, frameEnding: 7, framePair: 8 });
  const twin = record({ endingKind: ENDING.rst, frameEnding: 7 });
  const tally = tallyResets(COUNTERS, [
    judgement(closed, 'closed', ['after-fin']),
    judgement(twin, 'closed', ['abort']),
  ]);
  expect(tally).toMatchObject({ 'after-fin': 4, abort: 1 });
});

test('silences: what the tracker counted alone, what the judge decided, and nothing twice', () => {
  const of = (outcome: number, kind: number = SILENCE_KIND.packet) => record({ outcome, kind });
  const tally = tallySilences(COUNTERS, [
    judgement(of(OUTCOME.killed), 'killed'),
    judgement(of(OUTCOME.killed), 'open'),
    judgement(of(OUTCOME.closed), 'closed'),
    judgement(of(OUTCOME.open), 'open'),
    judgement(of(OUTCOME.survived), 'survived'),
    judgement(of(OUTCOME.unobserved), 'unobserved'),
    judgement(of(OUTCOME.closed, SILENCE_KIND.payload), 'closed'),
  ]);
  expect(tally).toEqual({ survived: 10, killed: 1, closed: 3, open: 8, unobserved: 4 });
  expect(sum(tally)).toBe(sum(COUNTERS.silences));
});
