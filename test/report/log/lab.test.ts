/** A lab capture, and what its clients saw, written as logs of several programs: see truth.json. */
import { readFileSync } from 'node:fs';
import { Value } from 'typebox/value';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Analysis } from '../../../src/report/analysis.ts';
import { maskWith } from '../../../src/report/anonymize/mask.ts';
import { maskAnalysis } from '../../../src/report/anonymize/analysis.ts';
import { csvLines } from '../../../src/report/csv.ts';
import { jsonText, ndjsonLines, report } from '../../../src/report/document.ts';
import { maskLogged } from '../../../src/report/log/mask.ts';
import { type Logged, matchLogs } from '../../../src/report/log/match.ts';
import { FindingSchema, ReportSchema } from '../../../src/report/schema.ts';
import { reportText } from '../../../src/report/text/report-text.ts';
import { pageFor } from '../../../src/report/text/surface.ts';
import { analyseFiles } from '../../kit/analyse.ts';
import { labFile } from '../../kit/lab.ts';
import { logOf, type Style, writer } from './logs.ts';

interface Lived {
  readonly client: readonly [string, number];
  readonly server: readonly [string, number];
  readonly events: readonly (readonly [number, string])[];
}

interface Entry {
  readonly ms: number;
  readonly what: string;
  readonly client: string;
  readonly server: string;
}

const place = ([address, port]: readonly [string, number]): string => `${address}:${port}`;

function lived(scenario: string): readonly Entry[] {
  const truth = JSON.parse(readFileSync(labFile(scenario, 'truth.json'), 'utf8')) as {
    flows: readonly Lived[];
  };
  return truth.flows
    .flatMap(({ client, server, events }) =>
      events.map(([at, what]) => {
        return { ms: at * 1000, what, client: place(client), server: place(server) };
      }),
    )
    .sort((a, b) => a.ms - b.ms);
}

const WORDS: Readonly<Record<string, string>> = {
  'error ECONNRESET': 'errno:104 Connection reset by peer',
  'error ETIMEDOUT': 'errno:110 Connection timed out',
};

const ENTRIES = lived('dnat-90');
const RESETS = ENTRIES.filter(({ what }) => what === 'error ECONNRESET');

/** The log of the clients, with two errors that no silence explains. */
function linesAs(style: Style, zoneMinutes: number, naming: 'client' | 'server' | 'nobody') {
  const write = writer(zoneMinutes)[style];
  const [first] = ENTRIES;
  const start = first?.ms ?? 0;
  const told = ENTRIES.map(({ ms, what, client, server }) => {
    const whom = { client: ` from ${client}`, server: ` to ${server}`, nobody: '' }[naming];
    return write(ms, `Socket recv() ${WORDS[what] ?? what}${whom}`);
  });
  const strangers = [20_000, 40_000].map((ms) =>
    write(start + ms, 'connect() errno:110 Connection timed out 203.0.113.9:443'),
  );
  return [...told, ...strangers];
}

describe('the lab, its NAT of 90 s', () => {
  let analysis: Analysis;
  beforeAll(async () => {
    analysis = await analyseFiles([labFile('dnat-90', 'inside.pcap')]);
  });

  const matched = (lines: readonly string[]): Logged => matchLogs([logOf(lines)], analysis, null);

  const styles: readonly (readonly [Style, number, string])[] = [
    ['mongoOld', 480, 'estimated'],
    ['mongoJson', -300, 'written'],
    ['postgres', 60, 'estimated'],
    ['syslogOld', 330, 'estimated'],
    ['syslogNew', 120, 'written'],
    ['plain', 0, 'estimated'],
    ['epoch', 0, 'written'],
  ];

  test.each(styles)(
    '%s, %i minutes east: all 12 resets explained, nothing else',
    (style, zone, basis) => {
      for (const naming of ['client', 'server', 'nobody'] as const) {
        const { logs, byFinding } = matched(linesAs(style, zone, naming));
        expect(RESETS).toHaveLength(12);
        expect(logs[0]).toMatchObject({ errors: 14, explained: 12, unexplained: 2, outside: 0 });
        expect(logs[0]?.clock).toMatchObject({ basis, skewSeconds: 0, isSure: true });
        if (basis === 'estimated') expect(logs[0]?.clock.offsetMinutes).toBe(zone);
        const by = { client: 'connection', server: 'server', nobody: 'time' }[naming];
        for (const lines of byFinding.values()) expect(lines).toMatchObject([{ by }]);
        expect(byFinding.size).toBe(12);
      }
    },
  );

  test('each line lies beside the death of its own connection', () => {
    const { byFinding } = matched(linesAs('mongoOld', 480, 'nobody'));
    for (const { id, record } of analysis.findings) {
      const [line] = byFinding.get(id) ?? [];
      const client = `${record.originatorAddress}:${record.originatorPort}`;
      const truth = RESETS.find((entry) => entry.client === client);
      expect(Number((line?.atNs ?? 0n) / 1_000_000n)).toBe(Math.floor(truth?.ms ?? 0));
    }
  });

  test('verdicts, confidences and everything else stay as they are', () => {
    const logged = matched(linesAs('plain', 0, 'client'));
    const without = report(analysis, 100);
    const { logs, ...withLogs } = report({ ...analysis, logged }, 100);
    expect(without).not.toHaveProperty('logs');
    expect(logs).toHaveLength(1);
    const bare = withLogs.findings.map((finding) => ({ ...finding, log: undefined }));
    expect(bare).toEqual(without.findings);
    expect([...csvLines({ ...analysis, logged })]).toEqual([...csvLines(analysis)]);
  });

  test('the documents keep to their schema', () => {
    const told = { ...analysis, logged: matched(linesAs('postgres', 60, 'client')) };
    const document = JSON.parse(jsonText(report(told, 100)));
    expect([...Value.Errors(ReportSchema, document)]).toEqual([]);
    expect(document.findings[0].log).toMatchObject([{ error: 'ECONNRESET', by: 'connection' }]);
    for (const line of ndjsonLines(told)) {
      expect([...Value.Errors(FindingSchema, JSON.parse(line))]).toEqual([]);
    }
  });

  test('the text says how many, on which clock, and which were not', () => {
    const logged = matched(linesAs('mongoOld', 480, 'client'));
    const text = reportText({ ...analysis, logged }, pageFor({ columns: null, colour: false }));
    const section = text.slice(text.indexOf('What the programs logged')).replaceAll(/\s+/g, ' ');
    expect(section).toContain(
      '14 errors in 134 lines: 12 explained by the connections above, 2 not.',
    );
    expect(section).toContain(
      'read as UTC+08:00, which explains the most (12; no other explains any)',
    );
    expect(section).toContain('203.0.113.9:443');
    expect(section).toContain('20:13:09.748 ECONNRESET 192.168.77.2:39628 93.5 s');
    expect(text.split('\n').every((line) => line.length <= 100)).toBe(true);
  });

  test('--anonymize leaves no line and no address of it', () => {
    const mask = maskWith(new Uint8Array(32).fill(7));
    const logged = maskLogged(matched(linesAs('mongoOld', 480, 'client')), mask);
    const masked = { ...maskAnalysis(analysis, mask), logged };
    const text = jsonText(report(masked, 100));
    expect(text).not.toContain('192.168.77.');
    expect(text).not.toContain('replslave');
    expect(JSON.parse(text).findings[0].log).toMatchObject([{ text: '(left out: --anonymize)' }]);
  });
});

describe('other deaths of the lab, and the words of their programs', () => {
  /** Scenario, capture, error as the client saw it, and how many of those. */
  test.each([
    ['drop', 'inside.pcap', 'error ETIMEDOUT', 16],
    ['remap', 'inside.pcap', 'error ECONNRESET', 16],
    ['expiry-reset', 'inside.pcap', 'error ECONNRESET', 16],
    ['push', 'gateway.pcapng', 'error timed out', 16],
    ['mixed-drop', 'inside.pcap', 'error ETIMEDOUT', 4],
  ])('%s: %s explains each "%s", all %i', async (scenario, file, what, howMany) => {
    const analysis = await analyseFiles([labFile(scenario, file)], { shortestSeconds: 1 });
    const entries = lived(scenario).filter((entry) => entry.what === what);
    const lines = entries.map(({ ms, client }) =>
      writer(-420).syslogNew(ms, `${WORDS[what] ?? what} on ${client}`),
    );
    const { logs } = matchLogs([logOf(lines)], analysis, null);
    expect(logs[0]).toMatchObject({ errors: howMany, explained: howMany });
    expect(logs[0]?.clock.skewSeconds).toBe(0);
  });

  test('where nothing died while silent, nothing is explained', async () => {
    const analysis = await analyseFiles([labFile('survive', 'inside.pcap')], {
      shortestSeconds: 1,
    });
    const entries = lived('survive');
    const lines = entries.map(({ ms, client }) => writer(0).plain(ms, `ECONNRESET ${client}`));
    const { logs } = matchLogs([logOf(lines)], analysis, null);
    expect(logs[0]).toMatchObject({ explained: 0, clock: { basis: 'assumed' } });
    expect(logs[0]?.errors).toBe(entries.length);
  });
});
