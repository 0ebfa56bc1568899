/**
 * One long day, everything in it at once: five timeouts, some behind another box; stray resets, spared silences, cron jobs,
 * a server that restarts and a box that fails over. Through the real judge and the real paths.
 */
import { describe, expect, test } from 'vitest';
import { judge } from '../../src/judge/judge.ts';
import { findPaths } from '../../src/path/paths.ts';
import { buildScene } from '../../src/path/scene.ts';
import { readSurvivors } from '../../src/path/survivors.ts';
import { ns } from '../judge/records.ts';
import { dayOf, DAY_BEGINS, SHORTEST_SECONDS, type Service } from './day.ts';

const at = (address: string, port: number) => ({ address, port });

const RESTART_AT = 40_000;
const FLUSH_AT = 60_000;

const SEEDS = process.env['DEADAIR_LONG'] === '1' ? [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] : [1, 2];

/** The first of the boxes that stand in series is not always the one that binds. */
const SERVICES: readonly Service[] = [
  { ...at('198.51.100.9', 27017), boxes: [60], answer: 'mid-path', connections: 12, cron: 45 },
  { ...at('203.0.113.5', 5432), boxes: [900, 240], answer: 'nothing', connections: 25, cron: 300 },
  {
    ...at('192.0.2.80', 6379),
    boxes: [350, 3600],
    answer: 'mid-path',
    connections: 40,
    cron: 300,
    flushAt: FLUSH_AT,
  },
  { ...at('198.18.0.7', 5672), boxes: [900], answer: 'endpoint', connections: 60, spared: 0.3 },
  {
    ...at('198.18.1.7', 22),
    boxes: [3600],
    answer: 'mid-path',
    connections: 120,
    restartAt: RESTART_AT,
  },
  { ...at('198.18.2.7', 443), boxes: [], answer: 'nothing', connections: 20 },
];

function read(seed: number) {
  const { records, captured, causes } = dayOf(SERVICES, seed);
  const { judgements, bursts } = judge(records, buildScene(captured, ns(SHORTEST_SECONDS)));
  const judged = judgements.flatMap(({ finding }) => finding ?? []);
  const { paths, findings } = findPaths(judged, readSurvivors(captured.survivors), {
    placeName: String,
    shortestSeconds: SHORTEST_SECONDS,
  });
  const causeOf = (finding: (typeof findings)[number]) => causes.get(finding.record.sides[0].nxt);
  return { paths, findings, bursts, causeOf };
}

describe.each(SEEDS)('a day, seed %d', (seed) => {
  const { paths, findings, bursts, causeOf } = read(seed);
  const pathTo = (port: number) => paths.find(({ responderPort }) => responderPort === port);

  test.each(SERVICES.filter(({ boxes }) => boxes.length > 0))(
    'port $port: the smallest of $boxes lies in a narrow interval',
    ({ port, boxes }) => {
      const T = Math.min(...boxes);
      const { status, basis, lowSeconds, highSeconds } = pathTo(port)?.timeout ?? {};
      expect({ status, basis }).toEqual({ status: 'estimated', basis: 'change-point' });
      expect(lowSeconds).toBeLessThanOrEqual(T);
      expect(highSeconds).toBeGreaterThanOrEqual(T);
      expect((highSeconds ?? 0) / (lowSeconds ?? 1)).toBeLessThan(1.05);
      expect(pathTo(port)?.stepsSeconds).toEqual([]);
    },
  );

  test('where no box waits, none is invented', () => {
    expect(paths).toHaveLength(SERVICES.length);
    expect(pathTo(443)).toMatchObject({ significant: false, endpointTimerSeconds: null });
    expect(pathTo(443)?.timeout.status).not.toBe('estimated');
    const blamed = findings.filter(({ verdict }) => verdict === 'box-timeout');
    expect(blamed.filter(({ record }) => record.responderPort === 443)).toEqual([]);
  });

  test('the restart and the failover are bursts, and no others are', () => {
    const seen = bursts.map(({ atNs, reading }) => [Number(atNs) / 1e9 - DAY_BEGINS, reading]);
    expect(seen).toEqual([
      [expect.closeTo(RESTART_AT, -3), expect.stringContaining('server 198.18.1.7 restarted')],
      [expect.closeTo(FLUSH_AT, -3), expect.stringContaining('a box on the way forgot')],
    ]);
    const struck = findings.filter((f) => ['restart', 'flush'].includes(causeOf(f) ?? ''));
    const told = struck.filter(({ verdict }) => verdict === 'burst');
    expect(told.length / struck.length).toBeGreaterThan(0.95);
  });

  test('what a box killed is blamed on it, and a stray within the timeout is not', () => {
    const kills = findings.filter(({ verdict }) => verdict !== 'burst');
    const byBox = kills.filter((finding) => causeOf(finding) === 'box');
    const settled = byBox.filter(({ verdict }) => verdict === 'box-timeout');
    expect(settled.length / byBox.length).toBeGreaterThan(0.99);
    const blamed = kills.filter(
      (finding) => causeOf(finding) === 'stray' && finding.verdict === 'box-timeout',
    );
    for (const { record, silenceNs } of blamed) {
      const { boxes = [] } = SERVICES.find(({ port }) => port === record.responderPort) ?? {};
      expect(Number(silenceNs) / 1e9).toBeGreaterThan(0.97 * Math.min(...boxes));
    }
  });
});
