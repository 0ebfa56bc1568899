/** The cure in the text report: what somebody reads who has never heard of keepalive. */
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/judge/finding.ts';
import type { PathFacts } from '../../src/report/analysis.ts';
import { reportText } from '../../src/report/text/report-text.ts';
import { pageFor } from '../../src/report/text/surface.ts';
import { ns } from '../judge/records.ts';
import { analysis, death, path } from '../report/analyses.ts';
import { deaths } from './cases.ts';

const estimated: PathFacts['timeout'] = {
  status: 'estimated',
  estimateSeconds: 350,
  lowSeconds: 345,
  highSeconds: 352,
  basis: 'change-point',
  reason: null,
};

const text = (findings: readonly Finding[], changes: Partial<PathFacts>): string =>
  reportText(
    analysis(findings, { paths: [path(findings, { timeout: estimated, ...changes })] }),
    pageFor({ columns: null, colour: false }),
  ).replaceAll(/\s+/g, ' ');

const kills = deaths(360, 380);

describe('the paragraph of a path', () => {
  test('names known boxes as a hint and no proof', () => {
    expect(text(kills, {})).toContain(
      'a hint, no proof: 350 s is the default of AWS NAT gateway, AWS NLB and AWS Gateway ' +
        'Load Balancer.',
    );
    expect(text(kills, { timeout: { ...estimated, lowSeconds: 200 } })).not.toContain('a hint');
  });

  test('says what to send, how often, on which end, and how to set it', () => {
    const said = text(kills, {});
    expect(said).toContain('let one end send something before 345 s of silence have passed');
    expect(said).toContain('one after every 172 s of silence, repeated every 30 s while nobody');
    expect(said).toContain('Either end will do');
    expect(said).toContain('sysctl -w net.ipv4.tcp_keepalive_time=172');
    expect(said).toContain('If that is what listens on port 27017');
    expect(said).not.toContain('Provisional');
  });

  test('says what any program can do where the port suggests nothing', () => {
    expect(text(kills, { responderPort: 9999 })).toContain(
      'In programs setsockopt: SO_KEEPALIVE 1',
    );
  });

  test('marks as provisional what is known from above only', () => {
    const bounded = {
      ...estimated,
      status: 'bounded',
      basis: 'bound',
      estimateSeconds: null,
      lowSeconds: null,
      reason: 'nothing-survived',
    } as const;
    const said = text(kills, { timeout: bounded, observations: [], longestSurvivedNs: null });
    expect(said).toContain('Provisional, as the true limit may be lower still: 117.3 s is a third');
  });

  test('names two timeouts where silences are cut at two lengths', () => {
    const said = text(kills, { stepsSeconds: [60, 350] });
    expect(said).toContain('about 60 s and 350 s: two boxes, and the shorter timeout binds');
  });

  test('gives the estimate where silences contradict each other, and says so', () => {
    const said = text(kills, { longestSurvivedNs: ns(500) });
    expect(said).toContain('about 350 s, with 95 % certainty between 345 s and 352 s');
    expect(said).toContain('contradict each other');
  });

  test('never advises keepalive against what counts payload', () => {
    const timer = {
      ...estimated,
      status: 'refused',
      basis: null,
      estimateSeconds: null,
      lowSeconds: null,
      highSeconds: null,
      reason: 'endpoint-timer',
    } as const;
    const said = text(kills, { timeout: timer, endpointTimerSeconds: 350 });
    expect(said).toContain('350 s since the last payload: a timer of an application or a proxy');
    expect(said).toContain('TCP keepalive does not help here');
    expect(said).toContain('HAProxy: raise timeout client');
    expect(said).not.toContain('sysctl -w');
  });

  test('of proxies, the timer’s default is a hint', () => {
    const closes = [60, 60.1].map((silent, i) =>
      death({ id: `f_${i}`, port: i + 1, silent, verdict: 'endpoint-timer' }),
    );
    const said = text(closes, { killed: 0, endpointTimerSeconds: 60 });
    expect(said).toContain('It is the default of AWS ALB and AWS CLB: a hint, no proof.');
  });
});

test('what holds for every path is said once', () => {
  const here = deaths(360, 380);
  const there = [death({ id: 'f_there', silent: 100, port: 50_000 })];
  const database = { id: 'p_2', responderPort: 5432, timeout: estimated };
  const paths = [path(here, { timeout: estimated }), path(there, database)];
  const said = reportText(
    analysis([...here, ...there], { paths }),
    pageFor({ columns: null, colour: false }),
  ).replaceAll(/\s+/g, ' ');
  const times = (words: string) => said.split(words).length - 1;
  expect(times('sysctl -w net.ipv4.tcp_keepalive_time=172')).toBe(2);
  expect(times('The sysctls reach only')).toBe(1);
  expect(times('In containers')).toBe(1);
  expect(times('the shortest times serve all')).toBe(1);
  expect(said).toContain('If that is what listens on port 5432');
  expect(said).toContain('JDBC: pgjdbc knows tcpKeepAlive=true or false alone');
});
