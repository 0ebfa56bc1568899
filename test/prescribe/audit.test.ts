/** Was keepalive on, did it cross, did it help. */
import { expect, test } from 'vitest';
import { auditKeepalive } from '../../src/prescribe/audit.ts';
import { death } from '../report/analyses.ts';
import { deaths, pathCase } from './cases.ts';

const timeout = { lowSeconds: 80, highSeconds: 95 };
const atProbe = (silent: number, port: number, record = {}) =>
  death({
    id: `f_${port}`,
    port,
    silent,
    signature: 'keepalive-reset',
    trigger: 'keepalive',
    record,
  });

test('without a probe nothing is claimed but that none was seen on the dead', () => {
  expect(auditKeepalive(pathCase({ timeout, kills: deaths(100) }))).toMatchObject({
    seenEverySeconds: null,
    crossed: null,
    effective: null,
    reading: 'no probe was seen on the connections that died',
  });
});

test('a first probe after two hours is too late, and Linux’s', () => {
  const kills = [atProbe(7200.2, 1), atProbe(7201, 2)];
  const audit = auditKeepalive(pathCase({ timeout, kills }));
  expect(audit).toMatchObject({ crossed: false, effective: false, diedAtProbe: 2 });
  expect(audit.probeTooLateSeconds).toBeCloseTo(7201, 0);
  expect(audit.reading).toContain('first probe comes too late: after 7201 s, on 2 connections');
  expect(audit.reading).toContain('7201 s is the default of Linux');
});

test('probes every 75 s that were answered kept connections alive', () => {
  const path = { survived: 12, survivedByKeepalive: 12, probedEverySeconds: 75 };
  const audit = auditKeepalive(pathCase({ timeout, path }));
  expect(audit).toMatchObject({ seenEverySeconds: 75, crossed: true, effective: true });
  expect(audit.reading).toBe('keepalive probes every 75 s crossed: they ended 12 silences in time');
});

test('probes that crossed until they died with their connection were not effective', () => {
  const record = { keepalivesBefore: 3, keepalivesAnswered: 3, keepaliveIntervalMs: 75_000 };
  const audit = auditKeepalive(pathCase({ timeout, kills: [atProbe(100, 1, record)] }));
  expect(audit).toMatchObject({ seenEverySeconds: 75, crossed: true, effective: false });
  expect(audit.reading).toContain('some came too late: after 100 s');
});

test('a connection whose probes nobody answered had keepalive that did not cross', () => {
  const record = { keepalivesBefore: 2, keepalivesAnswered: 0, keepaliveIntervalMs: 30_000 };
  const kills = [death({ id: 'f_1', silent: 100, record })];
  expect(auditKeepalive(pathCase({ timeout, kills }))).toMatchObject({
    seenEverySeconds: 30,
    crossed: false,
    effective: false,
  });
});

test('survivors with probes beside the dead without any: both are said', () => {
  const path = { survivedByKeepalive: 5, probedEverySeconds: 30 };
  const audit = auditKeepalive(pathCase({ timeout, kills: deaths(100, 110), path }));
  expect(audit.effective).toBe(true);
  expect(audit.reading).toContain('crossed');
  expect(audit.reading).toContain('no probe was seen on the connections that died');
});
