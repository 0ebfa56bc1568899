import fc from 'fast-check';
import { Value } from 'typebox/value';
import { describe, expect, test } from 'vitest';
import { compareReports } from '../../../src/report/compare/compare.ts';
import type { Fields } from '../../../src/report/compare/fields.ts';
import { rateOf } from '../../../src/report/compare/rate.ts';
import { type Comparison, ComparisonSchema } from '../../../src/report/compare/schema.ts';
import { comparisonText } from '../../../src/report/compare/text.ts';
import { plain } from '../../../src/report/text/paint.ts';

interface Told {
  readonly id?: string;
  readonly server?: string;
  readonly capturePoint?: string | null;
  readonly members?: readonly string[];
  /** Lengths in seconds. */
  readonly killed?: readonly number[];
  readonly survived?: readonly number[];
  readonly low?: number | null;
  readonly high?: number | null;
  readonly keepalive?: object;
}

let nextId = 0;

const pathOf = (told: Told): Fields => {
  const { killed = [], survived = [], id = 'p_1' } = told;
  const address = told.server ?? '198.51.100.9';
  const longest = survived.length > 0 ? Math.max(...survived) : null;
  const shortest = killed.length > 0 ? Math.min(...killed) : null;
  const { low = longest, high = shortest } = told;
  return {
    id,
    responder: { network: `${address}/32`, port: 27017 },
    firstSpeaker: 'originator',
    tcpState: 'established',
    capturePoint: told.capturePoint ?? null,
    killed: killed.length,
    survived: survived.length,
    longestSurvivedSeconds: longest,
    shortestKilledSeconds: shortest,
    timeout: {
      status: low !== null && high !== null ? 'estimated' : 'bounded',
      estimateSeconds: low !== null && high !== null ? Math.sqrt(low * high) : null,
      lowSeconds: low,
      highSeconds: high,
      reason: null,
    },
    members: (told.members ?? [id]).map((member) => ({
      id: member,
      responder: { address, port: 27017 },
      firstSpeaker: 'originator',
    })),
    observations: {
      points: [
        ...survived.map((seconds) => [seconds, 'survived']),
        ...killed.map((seconds) => [seconds, 'late-reset']),
      ],
      bins: null,
    },
    keepalive: told.keepalive ?? { seenEverySeconds: null, silencesSaved: 0 },
  };
};

/** One hour of capture, every kill a finding with an id of its own. */
const reportOf = (paths: readonly Told[], changes: Fields = {}): Fields => ({
  schema: 'deadair.report/1',
  complete: true,
  shortestSeconds: 20,
  sources: [
    { firstAt: '2026-11-22T10:00:00.000000000Z', lastAt: '2026-11-22T11:00:00.000000000Z' },
  ],
  findingsOmitted: 0,
  findings: paths.flatMap(({ id = 'p_1', killed = [] }) =>
    killed.map((seconds) => ({
      id: `f_${nextId++}`,
      path: id,
      verdict: 'box-timeout',
      silence: { seconds },
    })),
  ),
  paths: paths.map(pathOf),
  ...changes,
});

function compared(before: Fields, after: Fields): Comparison {
  const comparison = compareReports({
    before: { name: 'before', kind: 'report', document: before },
    after: { name: 'after', kind: 'report', document: after },
  });
  expect([...Value.Errors(ComparisonSchema, comparison)]).toEqual([]);
  return comparison;
}

const onePath = (before: Told, after: Told) =>
  compared(reportOf([before]), reportOf([after])).paths[0];

/** Twelve kills above 92 s, survivors below 65 s: T is 90 s. */
const NINETY: Told = {
  killed: [92, 95, 100, 108, 110, 120, 125, 130, 131, 140, 150, 160],
  survived: [25, 30, 35, 40, 45, 50, 60, 65],
};

describe('what became of a path', () => {
  test('fixed: silences beyond the old timeout survive, and none is cut', () => {
    const after = { survived: [50, 70, 100, 130, 300] };
    expect(onePath(NINETY, after)).toMatchObject({
      change: 'fixed',
      timeout: 'longer',
      survivedBeyond: { seconds: 92, count: 3, longestSeconds: 300 },
      newKills: 0,
    });
  });

  test('hardly tested: one survivor beyond may be chance where few were cut before', () => {
    const before = { killed: [100, 110], survived: [40] };
    expect(onePath(before, { survived: [40, 105, 106] })).toMatchObject({ change: 'untested' });
    expect(onePath(before, { survived: [40, 105, 106, 107] })).toMatchObject({ change: 'fixed' });
  });

  test('hardly tested: some outlived the old timeout before as well', () => {
    const leaky = { ...NINETY, survived: [65, 95, 99, 101, 111, 122, 133], low: 65, high: 92 };
    expect(onePath(leaky, { survived: [50, 100, 130] })).toMatchObject({ change: 'untested' });
  });

  test('kept alive: answered probes end the silences before the old timeout', () => {
    const keepalive = { seenEverySeconds: 44, silencesSaved: 60 };
    const after = { survived: [44, 44, 44, 44], keepalive };
    expect(onePath(NINETY, after)).toMatchObject({ change: 'kept-alive', newKills: 0 });
  });

  test('improved: the box waits longer, and still cuts', () => {
    const after = { killed: [310, 320, 400], survived: [65, 100, 200, 290] };
    expect(onePath(NINETY, after)).toMatchObject({
      change: 'improved',
      timeout: 'longer',
      survivedBeyond: { count: 3, longestSeconds: 290 },
    });
  });

  test('worse: the box waits less', () => {
    const after = { killed: [45, 50, 60], survived: [25, 30] };
    expect(onePath(NINETY, after)).toMatchObject({
      change: 'worse',
      timeout: 'shorter',
      newKills: 3,
      newKillsListed: [{ seconds: 45 }, { seconds: 50 }, { seconds: 60 }],
    });
  });

  test('worse: far more die an hour, though the timeout is the same', () => {
    const after = { ...NINETY, killed: Array.from({ length: 60 }, (_, i) => 93 + i) };
    expect(onePath(NINETY, after)).toMatchObject({
      change: 'worse',
      timeout: 'same',
      rate: 'more',
      newKills: 0,
    });
  });

  test('unchanged: intervals that overlap prove no change, whatever the estimates', () => {
    const after = { ...NINETY, low: 80, high: 120 };
    expect(onePath(NINETY, after)).toMatchObject({ change: 'unchanged', timeout: 'same' });
  });

  test('a kill shorter than all before is new; one between the bounds is not', () => {
    const killed = [30, 70, 95, 100];
    expect(onePath(NINETY, { killed, survived: [64], low: 64, high: 95 })).toMatchObject({
      change: 'worse',
      newKills: 1,
      newKillsListed: [{ seconds: 30 }],
    });
  });

  test('the same death in both files is not new', () => {
    const before = reportOf([{ survived: [30, 40] }]);
    const after = reportOf([NINETY]);
    expect(compared(before, after).newKills).toBe(12);
    expect(compared(after, after).newKills).toBe(0);
  });

  test('appeared, vanished, quiet', () => {
    const quiet = { id: 'p_2', server: '198.51.100.10', survived: [30] };
    const old = { id: 'p_3', server: '198.51.100.11', survived: [30] };
    const fresh = { id: 'p_4', server: '198.51.100.12', survived: [30] };
    const { changes } = compared(reportOf([quiet, old]), reportOf([quiet, fresh]));
    expect(changes).toMatchObject({ quiet: 1, vanished: 1, appeared: 1, worse: 0 });
  });
});

describe('which path is which', () => {
  test('by id, though another has the same server', () => {
    const before = reportOf([{ id: 'p_1' }, { id: 'p_2' }]);
    const { paths } = compared(before, reportOf([{ id: 'p_2' }, { id: 'p_1' }]));
    expect(paths.map((path) => [path.before?.id, path.after?.id, path.matchedBy])).toEqual([
      ['p_1', 'p_1', 'id'],
      ['p_2', 'p_2', 'id'],
    ]);
  });

  test('by a shared member, where a merge took another id', () => {
    const before = reportOf([{ id: 'p_1', server: '10.0.0.1', members: ['p_1', 'p_9'] }]);
    const after = reportOf([{ id: 'p_9', server: '10.0.0.2', members: ['p_9', 'p_1'] }]);
    expect(compared(before, after).paths).toMatchObject([{ matchedBy: 'member' }]);
  });

  test('by server, port and first speaker, where the machines name their interfaces otherwise', () => {
    const before = reportOf([
      { id: 'p_1', capturePoint: 'eth0' },
      { id: 'p_2', capturePoint: 'eth1' },
    ]);
    const after = reportOf([{ id: 'p_7', capturePoint: 'eth1' }]);
    const { paths } = compared(before, after);
    const pair = paths.find(({ matchedBy }) => matchedBy !== null);
    expect(pair).toMatchObject({ before: { id: 'p_2' }, matchedBy: 'responder' });
    expect(paths).toHaveLength(2);
  });
});

/** Fields that the first reports did not have. */
const LATER = Object.fromEntries(
  'timeout observations members keepalive tcpState'.split(' ').map((name) => [name, undefined]),
);

describe('what limits a comparison is said', () => {
  test('thin paths, other lengths, a file that was cut, a list that was cut', () => {
    const before = reportOf([{ killed: [100] }], { complete: false, shortestSeconds: 5 });
    const after = reportOf([{ killed: [100, 101] }], { findingsOmitted: 7 });
    const { notes, paths } = compared(before, after);
    expect(notes).toHaveLength(3);
    expect(paths[0]?.notes.join('; ')).toContain('BEFORE has only 1 kill');
    expect(paths[0]?.notes.join('; ')).toContain('BEFORE gives no interval');
  });

  test('a report of an earlier version does', () => {
    const strip = (report: Fields): Fields => ({
      ...report,
      paths: (report['paths'] as Fields[]).map((path) => ({ ...path, ...LATER })),
    });
    const after = reportOf([{ survived: [50, 100, 300] }]);
    expect(compared(strip(reportOf([NINETY])), strip(after)).paths).toMatchObject([
      {
        change: 'untested',
        before: { timeout: { status: null, lowSeconds: 65, highSeconds: 92 } },
        survivedBeyond: { count: null, longestSeconds: 300 },
      },
    ]);
  });
});

describe('the rate of kills', () => {
  const rate = (before: number, after: number, seconds = 3600) =>
    rateOf({ kills: before, seconds: 3600 }, { kills: after, seconds });

  test.each([
    [12, 12, 3600, 'alike'],
    [12, 20, 3600, 'alike'],
    [12, 40, 3600, 'more'],
    [40, 12, 3600, 'fewer'],
    [12, 40, 12_000, 'alike'],
    [0, 0, 3600, 'alike'],
    [2000, 5000, 3600, 'more'],
  ])('%i kills an hour, then %i in %i s: %s', (before, after, seconds, answer) => {
    expect(rate(before, after, seconds)).toBe(answer);
  });

  test('is unknown where a capture has no length', () => {
    expect(rateOf({ kills: 3, seconds: null }, { kills: 9, seconds: 60 })).toBe('unknown');
  });
});

describe('whatever stands in a report', () => {
  test('comparing it gives a document that keeps to its schema, and a page of text', () => {
    const odd = fc.oneof(fc.jsonValue(), fc.constantFrom(null, -1, 1e308, '', 'p_1', [], {}));
    const path = fc
      .tuple(fc.constantFrom(...Object.keys(pathOf(NINETY))), odd)
      .map(([field, value]) => ({ ...pathOf(NINETY), [field]: value }));
    const report = fc
      .tuple(fc.array(fc.oneof(path, odd), { maxLength: 4 }), fc.dictionary(fc.string(), odd))
      .map(([paths, more]) => ({ ...reportOf([NINETY]), ...more, paths }));
    fc.assert(
      fc.property(report, report, (before, after) => {
        const comparison = compared(before, after);
        expect(comparisonText(comparison, { width: 80, paint: plain })).toContain('path');
      }),
      { numRuns: 200 },
    );
  });

  test('steers no terminal', () => {
    const hostile = reportOf([{ ...NINETY, server: '\u001b[2J', capturePoint: '\u202e' }]);
    const comparison = compared(hostile, hostile);
    const text = comparisonText(comparison, { width: 80, paint: plain });
    expect(text).toContain('\\x1b[2J');
    expect(text).toMatch(/^[\x20-\x7e\n…]*$/u);
  });
});

test('two files without a common path are not called unchanged: nothing can be compared', () => {
  const page = { width: 100, paint: plain };
  const [one, other] = [
    { id: 'p_1', server: '10.0.0.1' },
    { id: 'p_2', server: '198.51.100.9' },
  ];
  const apart = comparisonText(
    compared(reportOf([{ ...one, survived: [30] }]), reportOf([{ ...other, survived: [30] }])),
    page,
  );
  expect(apart).toContain('Nothing can be compared: no path is on both sides.');
  const same = comparisonText(
    compared(reportOf([{ ...one, survived: [30] }]), reportOf([{ ...one, survived: [30] }])),
    page,
  );
  expect(same).toContain('Nothing got worse.');
});
