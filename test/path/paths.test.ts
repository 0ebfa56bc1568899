/** Findings and survivors that share responder, capture point and first speaker are one path. */
import { expect, test } from 'vitest';
import { OUTCOME, SILENCE_KIND, type SURVIVOR_BIN } from '../../src/base/silence.ts';
import { findPaths } from '../../src/path/paths.ts';
import { readSurvivors, type Survivors } from '../../src/path/survivors.ts';
import type { Finding } from '../../src/judge/finding.ts';
import { finding } from './findings.ts';
import { record, second, survivorRows, type Values } from './packed.ts';

const survivors = (...rows: Values<typeof SURVIVOR_BIN>[]) => readSurvivors(survivorRows(rows));
const byIndex = (point: number) => String(point);
const groupPaths = (
  found: readonly Finding[],
  runs: readonly Survivors[],
  placeName: (point: number) => string,
) => findPaths(found, runs, { placeName, shortestSeconds: 1 }).paths;

test('kills at 9 and 7 s among survivors up to 4 s are one path with both counts', () => {
  const [path, ...others] = groupPaths(
    [
      finding('f_1', 'box-timeout', record(), second(9)),
      finding('f_2', 'possible-box-timeout', record(), second(7)),
    ],
    survivors(
      { bin: 1, count: 3, longestNs: second(2) },
      { bin: 2, count: 4, longestNs: second(4) },
    ),
    byIndex,
  );
  expect(others).toEqual([]);
  expect(path).toMatchObject({
    responderAddress: '198.51.100.9',
    responderPort: 27017,
    firstSpeaker: 'originator',
    killed: 2,
    survived: 7,
    shortestKilledNs: second(7),
    longestSurvivedNs: second(4),
    findingIds: ['f_1', 'f_2'],
  });
});

test('an application that closes after idle kills nothing, though its path is named', () => {
  const [path] = groupPaths([finding('f_1', 'endpoint-timer', record(), second(30))], [], byIndex);
  expect(path).toMatchObject({ killed: 0, shortestKilledNs: null, findingIds: ['f_1'] });
});

test('who speaks first after the silence makes a path of its own', () => {
  const mine = finding('f_1', 'box-timeout', record(), second(9));
  const theirs = finding('f_2', 'box-timeout', record({ triggerBy: 1 }), second(9));
  const paths = groupPaths([mine, theirs], survivors({ count: 1, firstSpeaker: 1 }), byIndex);
  expect(
    paths.map(({ firstSpeaker, killed, survived }) => [firstSpeaker, killed, survived]),
  ).toEqual([
    ['originator', 1, 0],
    ['responder', 1, 1],
  ]);
});

test('silences on the payload clock are no proof that a box waits', () => {
  const bins = survivors(
    { count: 9, clock: SILENCE_KIND.payload },
    { count: 1, outcome: OUTCOME.closed },
  );
  expect(groupPaths([], bins, byIndex)).toEqual([]);
});

test('a path keeps its id when an interface is captured beside it', () => {
  const id = (capturePoint: number) =>
    groupPaths([], survivors({ count: 1, capturePoint }), () => 'in0')[0]?.id;
  expect(id(0)).toMatch(/^p_/);
  expect(id(1)).toBe(id(0));
});
