/** What each format looks like, in the document and in fact; and what becomes of hostile text in it. */
import { Compile } from 'typebox/compile';
import { describe, expect, test } from 'vitest';
import { FindingSchema } from '../../src/report/schema.ts';
import { bodyFor, type Format, FORMATS } from '../../src/webhook/format/format.ts';
import { tame } from '../../src/webhook/format/tame.ts';
import type { Notice } from '../../src/webhook/notice.ts';
import { EXAMPLES, firing, KILL, killed, resolved, SHOWN } from './examples.ts';
import { labKills } from './kills.ts';

const KEY = 'R0UT1NGK3Y';

describe('docs/webhooks.md', () => {
  test('shows every format, and nothing that is none', () => {
    expect(new Set(SHOWN.keys())).toEqual(new Set(Object.keys(EXAMPLES)));
    expect(new Set(Object.values(EXAMPLES).map(([format]) => format))).toEqual(new Set(FORMATS));
  });

  test('its kill is a finding of the lab capture', async () => {
    expect(Compile(FindingSchema).Check(KILL)).toBe(true);
    const found = (await labKills()).findings.find(({ id }) => id === KILL.id);
    expect(found).toMatchObject({
      path: KILL.path,
      signature: KILL.signature,
      silence: KILL.silence,
    });
  });

  test.each(Object.keys(EXAMPLES))('its example of %s is what is sent', (name) => {
    const [format, notice] = EXAMPLES[name] as (typeof EXAMPLES)[string];
    expect(JSON.parse(bodyFor(format, notice, KEY))).toEqual(SHOWN.get(name));
  });
});

describe('alerts as Alertmanager and PagerDuty know them', () => {
  const one = (format: Format, notice: Notice) =>
    JSON.parse(bodyFor(format, notice, KEY)) as unknown;

  test('a resolved alert has the labels it fired with, and endsAt', () => {
    const [[fired], [over]] = [one('alertmanager', firing), one('alertmanager', resolved)] as {
      labels: object;
      startsAt: string;
      endsAt?: string;
    }[][] as [[Labelled], [Labelled]];
    expect(over.labels).toEqual(fired.labels);
    expect(over.startsAt).toBe(fired.startsAt);
    expect(fired).not.toHaveProperty('endsAt');
    expect(over.endsAt).toBe(resolved.timestamp);
  });

  test('a silent agent is an alert that lasts until the agent is heard of, and ends the same alert', () => {
    const timestamp = '2026-11-22T20:15:00.000Z';
    const data = { agent: 'gw1', host: 'gateway', silentSince: '2026-11-22T20:14:30.000Z' };
    const silent: Notice = { kind: 'event', type: 'agent.silent', timestamp, data };
    const back: Notice = { ...silent, type: 'agent.back', timestamp: '2026-11-22T21:00:00.000Z' };
    type Sent = Record<'labels' | 'startsAt' | 'endsAt', unknown>;
    const [[fired], [over]] = [one('alertmanager', silent), one('alertmanager', back)] as Sent[][] &
      [[Sent], [Sent]];
    expect(over.labels).toEqual(fired.labels);
    expect([over.startsAt, over.endsAt]).toEqual([data.silentSince, back.timestamp]);
    expect([fired.startsAt, fired.endsAt]).toEqual([data.silentSince, '2026-11-29T20:15:00.000Z']);
    const [begun, ended] = [one('pagerduty', silent), one('pagerduty', back)] as [object, object];
    expect(begun).toMatchObject({ event_action: 'trigger', dedup_key: 'agent.silent gw1' });
    expect(ended).toEqual({
      routing_key: KEY,
      event_action: 'resolve',
      dedup_key: 'agent.silent gw1',
    });
  });

  test('all kills of a path are one incident, which the end of the alert resolves', () => {
    const { path } = KILL;
    expect(one('pagerduty', killed)).toMatchObject({
      event_action: 'trigger',
      dedup_key: path,
    });
    expect(one('pagerduty', firing)).toMatchObject({
      event_action: 'trigger',
      dedup_key: path,
    });
    expect(one('pagerduty', resolved)).toEqual({
      routing_key: KEY,
      event_action: 'resolve',
      dedup_key: path,
    });
  });
});

interface Labelled {
  readonly labels: object;
  readonly startsAt: string;
  readonly endsAt?: string;
}

const HOSTILE =
  'eth0 <!channel> <!here|x> <@U123> @here @everyone <at>all</at> <https://evil.example|click> \u001b[31m\u202e\u0007 a\nb';

function poisoned(notice: typeof firing): Notice {
  const { data } = notice;
  const flow = { ...data.finding.flow, capturePoint: HOSTILE };
  const finding = { ...data.finding, flow, summary: HOSTILE };
  return { ...notice, data: { ...data, capturePoint: HOSTILE, finding } };
}

function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(texts);
}

describe('hostile text from a capture', () => {
  test.each(FORMATS.filter((format) => format !== 'native'))(
    'wakes nobody and steers nothing in %s',
    (format) => {
      const body = JSON.parse(bodyFor(format, poisoned(firing), KEY)) as unknown;
      const all = texts(body).join('\n\n');
      expect(all).toContain('channel');
      for (const mark of ['<!', '<@', '@here', '@everyone', '<at>', '<https']) {
        expect(all).not.toContain(mark);
      }
      expect(all).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    },
  );

  test('is the same data in native, and harmless on a terminal', () => {
    const body = bodyFor('native', poisoned(firing), KEY);
    expect(body).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(JSON.parse(body)).toMatchObject({ data: { capturePoint: HOSTILE } });
  });

  test('is cut by characters, not in the middle of one', () => {
    expect(tame('😀😀😀😀', 3)).toBe('😀😀…');
    expect(tame('abc', 3)).toBe('abc');
  });

  test('is never longer than what the formats take', () => {
    const notice = firing;
    const finding = { ...notice.data.finding, summary: 'x'.repeat(100_000) };
    const long = {
      ...notice,
      data: { ...notice.data, capturePoint: 'y'.repeat(100_000), finding },
    };
    const lengths = texts(JSON.parse(bodyFor('slack', long))).map(({ length }) => length);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(3000);
    expect(bodyFor('teams', long).length).toBeLessThan(28_000);
    const { payload } = JSON.parse(bodyFor('pagerduty', long)) as { payload: { summary: string } };
    expect(payload.summary.length).toBeLessThanOrEqual(1024);
  });
});
