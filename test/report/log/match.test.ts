import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../src/judge/finding.ts';
import { type Logged, matchLogs } from '../../../src/report/log/match.ts';
import { parseZone } from '../../../src/report/log/zone.ts';
import { ns } from '../../judge/records.ts';
import { death, source } from '../analyses.ts';
import { logOf, writer } from './logs.ts';

/** 1970-01-12T13:46:40Z, when the stories of test/judge/records.ts begin. */
const START = 1_000_000;
const ms = (seconds: number): number => (START + seconds) * 1000;

const SOURCES = [source({ firstAtNs: ns(START - 100), lastAtNs: ns(START + 4000) })];

/** Reset at `at` seconds of the story, its client at 192.0.2.10:`port`. */
const resetAt = (at: number, port: number): Finding =>
  death({ id: `f_${port}`, silent: 100, from: at - 100, port });

/** The trigger at `at`, and its last retransmission `hang` seconds later. */
function holeAt(at: number, port: number, hang: number): Finding {
  const finding = death({ id: `f_${port}`, silent: 100, from: at - 100, port });
  const ending = { kind: 'none', by: null, form: null, atNs: null, latencyNs: null } as const;
  return { ...finding, signature: 'blackhole', ending: { ...ending, hangNs: ns(hang) } };
}

const match = (
  lines: readonly string[],
  findings: readonly Finding[],
  zone: string | null = null,
) =>
  matchLogs([logOf(lines)], { sources: SOURCES, findings }, zone === null ? null : parseZone(zone));

const fates = ({ logs: [log] }: Logged) => ({
  errors: log?.errors,
  explained: log?.explained,
  unexplained: log?.unexplained,
  outside: log?.outside,
});

const linesOf = (logged: Logged, id: string): readonly number[] =>
  (logged.byFinding.get(id) ?? []).map(({ line }) => line);

const here = writer(0);
const SEVEN = [300, 611, 905, 1333, 1700, 2048, 3001];
const seven = SEVEN.map((at, i) => resetAt(at, 50_000 + i));

describe('a log error belongs to a death', () => {
  test('the one whose client it names, though another died nearer in time', () => {
    const findings = [resetAt(300, 50_000), resetAt(301, 50_001)];
    const line = here.plain(ms(300), 'peer 192.0.2.10:50001: Connection reset by peer');
    const logged = match([line], findings);
    expect(linesOf(logged, 'f_50001')).toEqual([1]);
    expect(linesOf(logged, 'f_50000')).toEqual([]);
    expect(logged.byFinding.get('f_50001')).toMatchObject([
      { by: 'connection', error: 'ECONNRESET' },
    ]);
  });

  test('by its server, and without any address by the moment alone', () => {
    const named = here.plain(ms(300.1), 'reset by peer, server 198.51.100.9:27017');
    const bare = here.plain(ms(611.2), 'broken pipe');
    const logged = match([named, bare], seven);
    expect(logged.byFinding.get('f_50000')).toMatchObject([{ by: 'server' }]);
    expect(logged.byFinding.get('f_50001')).toMatchObject([{ by: 'time', error: 'EPIPE' }]);
  });

  test('by its port where a box has changed the address', () => {
    const line = here.plain(ms(300.1), 'reset by peer 203.0.113.1:50000');
    expect(match([line], seven).byFinding.get('f_50000')).toMatchObject([{ by: 'port' }]);
  });

  test.each([
    ['another connection of the same client', '192.0.2.10:61000: reset by peer'],
    ['another server', 'reset by peer 203.0.113.77:443'],
    [
      'another connection to the same server',
      '192.0.2.10:61000 > 198.51.100.9:27017 reset by peer',
    ],
    ['another error: a reset is no timeout', 'connection timed out'],
  ])('not where it tells of %s', (_, text) => {
    expect(fates(match([here.plain(ms(300), text)], seven))).toMatchObject({
      explained: 0,
      unexplained: 1,
    });
  });

  test('two deaths in one second and two bare lines: one each', () => {
    const findings = [resetAt(300, 50_000), resetAt(300.4, 50_001)];
    const line = here.plain(ms(300.5), 'reset by peer');
    const logged = match([line, line], findings);
    expect(linesOf(logged, 'f_50000')).toHaveLength(1);
    expect(linesOf(logged, 'f_50001')).toHaveLength(1);
  });

  test('of many bare lines in its seconds three; all that name it', () => {
    const bare = Array.from({ length: 50 }, (_, i) =>
      here.plain(ms(299 + i / 25), 'reset by peer'),
    );
    expect(fates(match(bare, seven))).toMatchObject({ explained: 3, unexplained: 47 });
    const named = bare.map((line) => `${line} 192.0.2.10:50000`);
    expect(fates(match(named, seven))).toMatchObject({ explained: 50 });
  });

  test('two seconds beside it, not three', () => {
    const near = here.plain(ms(301.9), 'reset by peer');
    const far = here.plain(ms(304), 'reset by peer');
    expect(match([near, far], seven).byFinding.get('f_50000')).toHaveLength(1);
  });

  test('ETIMEDOUT as late as the kernel may say it: the hang once more, 120 s at most', () => {
    const at = (seconds: number) => here.plain(ms(seconds), 'errno:110 Connection timed out');
    const short = match([at(310), at(319), at(325)], [holeAt(300, 50_000, 10)]);
    expect(linesOf(short, 'f_50000')).toEqual([1, 2]);
    const long = match([at(1100 + 119), at(1100 + 130)], [holeAt(300, 50_000, 800)]);
    expect(linesOf(long, 'f_50000')).toEqual([1]);
  });

  test('long after a reset that nobody had asked for, where it names the connection', () => {
    const unasked: Finding = {
      ...resetAt(300, 50_000),
      signature: 'expiry-reset',
      trigger: { kind: 'none', by: null, payloadBytes: 0, retransmissions: 0 },
    };
    const named = here.plain(ms(345), '192.0.2.10:50000 reset by peer');
    const bare = here.plain(ms(345), 'reset by peer');
    const before = here.plain(ms(290), '192.0.2.10:50000 reset by peer');
    const logged = match([named, bare, before], [unasked]);
    expect(linesOf(logged, 'f_50000')).toEqual([1]);
    expect(logged.logs[0]?.clock).toMatchObject({ offsetMinutes: 0, skewSeconds: 0 });
  });

  test('never, before or after the capture: that is counted apart', () => {
    const lines = [-900, 9000].map((at) => here.plain(ms(at), 'reset by peer'));
    expect(fates(match(lines, seven))).toEqual({
      errors: 2,
      explained: 0,
      unexplained: 0,
      outside: 2,
    });
  });
});

describe('the clock of a log', () => {
  const told = (zoneMinutes: number, ahead = 0, style: 'plain' | 'syslogOld' = 'plain') =>
    SEVEN.map((at) => writer(zoneMinutes)[style](ms(at + ahead), 'app: Connection reset by peer'));

  test.each([0, 480, -480, 330, 345, -210, 840])('is %i minutes east of UTC', (minutes) => {
    const logged = match(told(minutes), seven);
    expect(logged.logs[0]?.clock).toMatchObject({
      basis: 'estimated',
      offsetMinutes: minutes,
      skewSeconds: 0,
      explained: 7,
      isSure: true,
    });
    expect(fates(logged).explained).toBe(7);
  });

  test('is 37.5 s ahead as well, and needs no year', () => {
    const logged = match(told(-300, 37.5, 'syslogOld'), seven);
    expect(logged.logs[0]?.clock).toMatchObject({ offsetMinutes: -300, isSure: true });
    expect(logged.logs[0]?.clock.skewSeconds).toBeCloseTo(37.1, 0);
    expect(fates(logged).explained).toBe(7);
  });

  test('is told as it is given, summer time included', () => {
    const zone = 'America/St_Johns';
    const logged = match(told(-210), seven, zone);
    expect(logged.logs[0]?.clock).toMatchObject({ basis: 'given', offsetMinutes: -210 });
    expect(fates(logged).explained).toBe(7);
    expect(fates(match(told(60), seven, zone)).explained).toBe(0);
  });

  test('is not sought where every line says its own', () => {
    const lines = SEVEN.map((at) => writer(330).syslogNew(ms(at), 'reset by peer'));
    const logged = match(lines, seven);
    expect(logged.logs[0]?.clock).toMatchObject({ basis: 'written', offsetMinutes: null });
    expect(fates(logged).explained).toBe(7);
  });

  test('is UTC, and only assumed, where nothing fits', () => {
    const logged = match([here.plain(ms(450), 'reset by peer')], seven);
    expect(logged.logs[0]?.clock).toMatchObject({
      basis: 'assumed',
      offsetMinutes: 0,
      isSure: false,
    });
  });

  test('is no more than a guess from one line', () => {
    const line = writer(480).plain(ms(300), 'reset by peer');
    const logged = match([line], seven);
    expect(logged.logs[0]?.clock).toMatchObject({ offsetMinutes: 480, isSure: false });
  });

  test('is not bent by two lines that happen to be late', () => {
    const lines = [300 + 40, 611 + 40].map((at) => here.plain(ms(at), 'reset by peer'));
    expect(match(lines, seven).logs[0]?.clock).toMatchObject({ skewSeconds: 0 });
    expect(fates(match(lines, seven))).toMatchObject({ explained: 0, unexplained: 2 });
  });
});

describe('the seed story', () => {
  /** 2014-11-14T12:52:00.356 in China, where it was written. */
  const MOMENT = Date.UTC(2014, 10, 14, 4, 52, 0, 356) / 1000;

  test('both of its lines are explained: the slave hung in a hole, then met a reset', () => {
    const records = (finding: Finding, shift: number): Finding => {
      const { record, ending } = finding;
      const move = (at: bigint) => at + ns(shift);
      return {
        ...finding,
        ending: { ...ending, atNs: ending.atNs === null ? null : move(ending.atNs) },
        record: {
          ...record,
          startedAtNs: move(record.startedAtNs),
          endedAtNs: move(record.endedAtNs),
          endingAtNs: move(record.endingAtNs),
        },
      };
    };
    const shift = MOMENT - START;
    const findings = [records(holeAt(-30, 50_000, 20), shift), records(resetAt(0, 50_001), shift)];
    const sources = [source({ firstAtNs: ns(MOMENT - 600), lastAtNs: ns(MOMENT + 60) })];
    const log = logOf([
      'Fri Nov 14 12:52:00.356 [replslave] Socket recv() errno:110 Connection timed out 198.51.100.9:27017',
      'Fri Nov 14 12:52:00.356 [replslave] Socket flush send() errno:104 Connection reset by peer',
    ]);
    const logged = matchLogs([log], { sources, findings }, null);
    expect(fates(logged)).toMatchObject({ errors: 2, explained: 2 });
    expect(logged.logs[0]).toMatchObject({ format: 'mongodb', clock: { offsetMinutes: 480 } });
    expect(logged.byFinding.get('f_50000')).toMatchObject([{ error: 'ETIMEDOUT', by: 'server' }]);
    expect(logged.byFinding.get('f_50001')).toMatchObject([{ error: 'ECONNRESET', by: 'time' }]);
  });
});

describe('a great many', () => {
  test('10 000 errors on 10 000 deaths are matched within seconds', () => {
    const ports = Array.from({ length: 10_000 }, (_, i) => i);
    const findings = ports.map((i) => resetAt(200 + i / 3, 20_000 + i));
    for (const name of [(i: number) => `192.0.2.10:${20_000 + i} `, () => '']) {
      const lines = ports.map((i) => writer(120).plain(ms(200 + i / 3), `${name(i)}reset by peer`));
      const started = performance.now();
      const logged = match(lines, findings);
      expect(performance.now() - started).toBeLessThan(10_000);
      expect(fates(logged).explained).toBe(10_000);
    }
  });
});
