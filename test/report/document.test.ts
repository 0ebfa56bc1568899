import { Value } from 'typebox/value';
import { describe, expect, test } from 'vitest';
import { csvLines } from '../../src/report/csv.ts';
import { jsonText, ndjsonLines, report } from '../../src/report/document.ts';
import { ReportSchema } from '../../src/report/schema.ts';
import { ns } from '../judge/records.ts';
import { analysis, death, path, source, twelve } from './analyses.ts';

const ALL = 10_000;

describe('the JSON report', () => {
  test('keeps to its schema, whatever was found', () => {
    const timed = [death({ id: 'f_1', verdict: 'endpoint-timer' })];
    const bursts = [{ atNs: ns(9), flows: 2, reading: 'restarted', findingIds: [] }];
    const problem = { code: 'E_INPUT_TRUNCATED', what: 'cut', atByte: 7, atFrame: 1 };
    const broken = source({ frames: 0, complete: false, problem });
    for (const found of [
      analysis(twelve()),
      analysis([]),
      analysis(timed, { bursts, sources: [broken], paths: [] }),
    ]) {
      const document = JSON.parse(jsonText(report(found, ALL)));
      expect([...Value.Errors(ReportSchema, document)]).toEqual([]);
    }
  });

  test('its schema refuses what is no report', () => {
    const document = report(analysis(twelve()), ALL);
    expect(Value.Check(ReportSchema, { ...document, findings: undefined })).toBe(false);
    expect(Value.Check(ReportSchema, { ...document, findingsTotal: -1 })).toBe(false);
    const [first, ...others] = document.findings;
    const odd = { ...first, verdict: 'guilty' };
    expect(Value.Check(ReportSchema, { ...document, findings: [odd, ...others] })).toBe(false);
  });

  test('a later file of a rotation has the link types of the point that they share', () => {
    const sharedByTwo = analysis([]).capturePoints.map((point) => ({ ...point, sources: [0, 1] }));
    const sources = [
      source(),
      source({ name: 'later.pcap.gz', format: 'pcap.gz' }),
      source({ name: 'empty.pcap', frames: 0 }),
      source({ name: 'other.pcapng', format: 'pcapng' }),
    ];
    const { sources: told } = report(
      analysis(twelve(), { sources, capturePoints: sharedByTwo }),
      ALL,
    );
    expect(told.map(({ linkTypes }) => linkTypes)).toEqual([['EN10MB'], ['EN10MB'], [], []]);
  });

  test('counts that must add up do', () => {
    const { resets, silences } = report(analysis(twelve()), ALL);
    const sum = (counts: Record<string, number>) =>
      Object.values(counts).reduce((a, b) => a + b, 0);
    expect(sum(resets.byCause)).toBe(resets.total);
    const { observed, ...outcomes } = silences;
    expect(sum(outcomes)).toBe(observed);
  });

  test('frames are numbered as in Wireshark; one in an earlier file stands apart', () => {
    const record = {
      frameLastBefore: 7,
      frameTrigger: 2 ** 40 + 31,
      frameEnding: 2 ** 40 + 32,
    };
    const [finding] = report(analysis([death({ id: 'f_1', record })]), ALL).findings;
    expect(finding?.frames).toEqual({
      source: 1,
      lastBefore: null,
      trigger: 31,
      ending: 32,
      elsewhere: [{ frame: 'lastBefore', source: 0, number: 7 }],
    });
    expect(finding?.wireshark).not.toContain('frame.number >=');
  });

  test('the display filter names both ends and the frames between', () => {
    const [finding] = report(analysis([death({ id: 'f_1', port: 40_000 })]), ALL).findings;
    expect(finding?.wireshark).toBe(
      'ip.addr == 192.0.2.10 && ip.addr == 198.51.100.9 && tcp.port == 40000 && tcp.port == 27017' +
        ' && frame.number >= 400000 && frame.number <= 400002',
    );
  });

  test('a path carries its timeout, and every silence that speaks of it', () => {
    const [shown] = report(analysis(twelve()), ALL).paths;
    expect(shown).toMatchObject({
      responder: { network: '198.51.100.9/32', port: 27017 },
      timeout: { status: 'estimated', lowSeconds: 58, highSeconds: 108.5, basis: 'change-point' },
      members: [{ responder: { address: '198.51.100.9', port: 27017 } }],
      observations: { bins: null, binErrorShare: 0.01 },
    });
    expect(shown?.observations?.points?.length).toBe(16 + 12);
    expect(shown?.observations?.points?.at(-1)).toEqual([108.5, 'late-reset']);
  });

  test('beyond 5 000 silences the list is of bins, one outcome each, and counts all', () => {
    const observations = [
      { seconds: 58, outcome: 'survived', count: 4989 },
      { seconds: 108.5, outcome: 'late-reset', count: 12 },
    ];
    const deaths = twelve();
    const [shown] = report(
      analysis(deaths, { paths: [path(deaths, { observations })] }),
      ALL,
    ).paths;
    expect(shown?.observations).toMatchObject({
      points: null,
      bins: [
        { outcome: 'survived', count: 4989 },
        { outcome: 'late-reset', count: 12 },
      ],
    });
    for (const { fromSeconds, untilSeconds } of shown?.observations?.bins ?? []) {
      expect(untilSeconds / fromSeconds).toBeCloseTo(1.01, 9);
    }
  });

  test('responders that share a box are one path, named by their network', () => {
    const deaths = twelve();
    const [first] = path(deaths).members;
    const members = [first, first].flatMap((one, i) =>
      one === undefined ? [] : { ...one, responderAddress: `198.51.100.${i}` },
    );
    const [shown] = report(analysis(deaths, { paths: [path(deaths, { members })] }), ALL).paths;
    expect(shown?.responder).toEqual({ network: '198.51.100.0/24', port: 27017 });
  });

  test('a bounded list keeps the surest boxes in their order, and the totals count all', () => {
    const found = analysis([
      death({ id: 'f_timer', verdict: 'endpoint-timer', port: 1 }),
      death({ id: 'f_low', confidence: 0.81, port: 2 }),
      death({ id: 'f_maybe', verdict: 'possible-box-timeout', confidence: 0.5, port: 3 }),
      death({ id: 'f_high', confidence: 0.97, port: 4 }),
    ]);
    const { findings, findingsTotal, findingsOmitted } = report(found, 2);
    expect(findings.map(({ id }) => id)).toEqual(['f_low', 'f_high']);
    expect({ findingsTotal, findingsOmitted }).toEqual({ findingsTotal: 4, findingsOmitted: 2 });
  });

  test('hostile names are escaped and still mean the same', () => {
    const name = 'a\u009b31m\u202e\u{e0041}.pcap';
    const text = jsonText(report(analysis([], { sources: [source({ name })] }), ALL));
    expect(text).not.toMatch(/[\u009b\u202e]|\u{e0041}/u);
    expect(JSON.parse(text).sources[0].name).toBe(name);
  });
});

test('NDJSON is a finding a line, all of them', () => {
  const lines = [...ndjsonLines(analysis(twelve()))];
  expect(lines).toHaveLength(12);
  expect(lines.map((line) => JSON.parse(line).id)).toEqual(twelve().map(({ id }) => id));
});

describe('CSV', () => {
  const rows = (summary: string): string[] => [
    ...csvLines(analysis([death({ id: 'f_1', summary })])),
  ];

  test.each(['=HYPERLINK("x")', '+1', '-1', '@SUM(A1)', ' =1', '\t=1', '|calc'])(
    'a cell like %j is no formula',
    (summary) => {
      const last = rows(summary)[1]?.trimEnd() ?? '';
      expect(last).toMatch(/,"?(?:'|\\x09)/);
    },
  );

  test('has a name for every cell, and quotes what needs it', () => {
    const [head = '', row = ''] = rows('a "quoted", thing');
    expect(row).toContain(',"a ""quoted"", thing",');
    expect(row.replace(/"(?:[^"]|"")*"/g, 'x').split(',')).toHaveLength(head.split(',').length);
  });
});
