/**
 * T from the lab's captures, one vantage at a time. truth.json says how long the box waited: the interval must hold that with
 * a second of slack, and must not be wider than the capture's own bracket.
 */
import { describe, expect, test } from 'vitest';
import type { PathFacts } from '../../src/path/facts.ts';
import { analyseFiles } from '../kit/analyse.ts';
import { labFile, truthOf } from '../kit/lab.ts';

const SLACK_SECONDS = 1;

async function analysed(scenario: string, file: string) {
  const shortestSeconds = scenario.endsWith('-90') ? 20 : 1;
  return analyseFiles([labFile(scenario, file)], { shortestSeconds });
}

async function onlyPath(scenario: string, file: string): Promise<PathFacts> {
  const { paths } = await analysed(scenario, file);
  const [path] = paths;
  expect(paths).toHaveLength(1);
  if (path === undefined) throw new Error('no path');
  return path;
}

const INSIDE = 'inside.pcap';

describe('kills and survivors: estimated', () => {
  test.each([
    ['reject', INSIDE, 'change-point'],
    ['reject', 'client.pcap', 'change-point'],
    ['v6-reject', INSIDE, 'change-point'],
    ['drop', INSIDE, 'change-point'],
    ['dnat', INSIDE, 'change-point'],
    ['dnat-90', INSIDE, 'change-point'],
    ['dnat-90', 'client.pcap', 'change-point'],
    ['mixed-reject', INSIDE, 'change-point'],
    ['mixed-reject-90', INSIDE, 'change-point'],
    ['mixed-drop', INSIDE, 'change-point'],
    ['remap', INSIDE, 'change-point'],
    ['expiry-reset', INSIDE, 'exact'],
    ['expiry-reset', 'outside.pcap', 'exact'],
    ['expiry-reset-one', INSIDE, 'exact'],
  ])('%s, %s', async (scenario, file, basis) => {
    const T = truthOf(scenario).nat_timeout_s;
    const { timeout, significant, longestSurvivedNs, shortestKilledNs } = await onlyPath(
      scenario,
      file,
    );
    expect(timeout).toMatchObject({ status: 'estimated', basis, reason: null });
    expect(significant).toBe(true);
    const [low, high] = [timeout.lowSeconds ?? Number.NaN, timeout.highSeconds ?? Number.NaN];
    expect(low).toBeLessThanOrEqual(T + SLACK_SECONDS);
    expect(high).toBeGreaterThanOrEqual(T - SLACK_SECONDS);
    expect(timeout.estimateSeconds).toBeGreaterThanOrEqual(low);
    expect(timeout.estimateSeconds).toBeLessThanOrEqual(high);
    const bracket = Number((shortestKilledNs ?? 0n) - (longestSurvivedNs ?? 0n)) / 1e9;
    expect(high - low).toBeLessThanOrEqual(bracket + 1e-6);
  });

  test('boxes that announce their expiry are known to a tenth of a second', async () => {
    const { timeout } = await onlyPath('expiry-reset', INSIDE);
    expect((timeout.highSeconds ?? 9) - (timeout.lowSeconds ?? 0)).toBeLessThan(0.1);
    expect(timeout.estimateSeconds).toBeCloseTo(6, 1);
  });
});

describe('kills alone: bounded from above, T within', () => {
  test.each([
    ['keepalive-reject', INSIDE],
    ['keepalive-drop', INSIDE],
    ['push', 'outside.pcap'],
    ['push', 'server.pcap'],
  ])('%s, %s', async (scenario, file) => {
    const { timeout, significant } = await onlyPath(scenario, file);
    expect(timeout).toMatchObject({ status: 'bounded', basis: 'bound', lowSeconds: null });
    expect(timeout.reason).toBe('nothing-survived');
    expect(timeout.highSeconds).toBeGreaterThanOrEqual(truthOf(scenario).nat_timeout_s);
    expect(significant).toBe(false);
  });
});

test.each([INSIDE, 'outside.pcap'])('survive, %s: bounded from below, no box T', async (file) => {
  const { timeout, longestSurvivedNs } = await onlyPath('survive', file);
  expect(timeout).toMatchObject({
    status: 'bounded',
    estimateSeconds: null,
    highSeconds: null,
    reason: 'nothing-killed',
  });
  expect(timeout.lowSeconds).toBeLessThanOrEqual(Number(longestSurvivedNs) / 1e9);
});

test.each([
  ['app', INSIDE, 3.6],
  ['app', 'outside.pcap', 3.6],
  ['haproxy', INSIDE, 6],
  ['haproxy', 'outside.pcap', 6],
])('%s, %s: the timer of an endpoint, about %d s, and no T of a box', async (scenario, file, s) => {
  const path = await onlyPath(scenario, file);
  expect(path.timeout).toMatchObject({ status: 'refused', reason: 'endpoint-timer', basis: null });
  expect(path.endpointTimerSeconds).toBeCloseTo(s, 1);
});

test.each([
  ['peer-restart', INSIDE],
  ['peer-restart', 'outside.pcap'],
  ['restart-mixed', INSIDE],
  ['restart-mixed', 'outside.pcap'],
  ['flush-mixed', INSIDE],
])('%s, %s: a burst, no T', async (scenario, file) => {
  const { paths, bursts, findings, resetsByCause } = await analysed(scenario, file);
  expect(bursts).toHaveLength(1);
  expect(paths.filter(({ timeout }) => timeout.status === 'estimated')).toEqual([]);
  expect(new Set(findings.map(({ verdict }) => verdict))).toEqual(new Set(['burst']));
  expect(resetsByCause.burst).toBe(bursts[0]?.flows);
  expect(resetsByCause['no-silence'] ?? 0).toBe(0);
});

describe('a threshold settles what one silence could not', () => {
  test('remap: the server itself answers, and yet a box is to blame', async () => {
    const { findings } = await analysed('remap', INSIDE);
    for (const { verdict, confidence, emitter, evidence } of findings) {
      expect({ verdict, emitter: emitter.is }).toEqual({
        verdict: 'box-timeout',
        emitter: 'endpoint',
      });
      expect(confidence).toBeGreaterThanOrEqual(0.8);
      expect(evidence.at(-1)?.fact).toMatch(/16 of 16 silences beyond .* and 16 of 16 up to it/);
    }
  });

  test('drop: nobody is heard from the server again, so it may have gone down: possible', async () => {
    const { findings } = await analysed('drop', INSIDE);
    const verdicts = new Set(findings.map(({ verdict }) => verdict));
    expect(verdicts).toEqual(new Set(['possible-box-timeout']));
  });

  test('keepalive-drop: kills alone settle nothing', async () => {
    const { findings } = await analysed('keepalive-drop', INSIDE);
    expect(Math.max(...findings.map(({ confidence }) => confidence))).toBeLessThan(0.8);
  });
});
