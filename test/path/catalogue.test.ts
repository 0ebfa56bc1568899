/**
 * A known box is named as a hint: one default in the interval, and a behaviour that it may show.
 */
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/judge/finding.ts';
import { boxHints, isBelowFloor, proxyHints, signedBy } from '../../src/path/catalogue.ts';
import { CATALOGUE } from '../../src/path/catalogue-data.ts';
import { read } from '../house/tree.ts';
import { death, type Death } from '../report/analyses.ts';

const killed = (story: Partial<Death> = {}): Finding => death({ id: 'f_1', ...story });
const between = (lowSeconds: number | null, highSeconds: number | null) => ({
  lowSeconds,
  highSeconds,
});
const boxes = (hints: readonly { box: string }[]) => hints.map(({ box }) => box);
const late = killed();
const vanished = killed({ signature: 'blackhole' });
const atExpiry = killed({ signature: 'expiry-reset', trigger: 'none' });

describe('the catalogue', () => {
  test('every entry says where it is from', () => {
    expect(CATALOGUE.length).toBeGreaterThanOrEqual(28);
    for (const { box, source } of CATALOGUE) expect([box, source.length > 8]).toEqual([box, true]);
  });

  test('every entry has a name of its own, and a default within what it can be set to', () => {
    expect(new Set(CATALOGUE.map(({ box }) => box)).size).toBe(CATALOGUE.length);
    for (const { box, seconds, range } of CATALOGUE) {
      if (seconds === null || range === undefined) continue;
      expect([box, range[0] <= seconds && seconds <= range[1]]).toEqual([box, true]);
    }
  });

  test('what no vendor’s page was read for is marked', () => {
    const marked = CATALOGUE.filter(({ isGeneralKnowledge }) => isGeneralKnowledge);
    expect(boxes(marked)).toEqual(
      expect.arrayContaining(['Juniper SRX', 'Palo Alto', 'F5 BIG-IP (fastL4)', 'NetScaler']),
    );
  });
});

describe('a hint', () => {
  test('names the boxes whose default is the only one in the interval', () => {
    expect(boxHints(between(800, 1000), [late])).toMatchObject([{ seconds: 900, layer: 'L4' }]);
    expect(boxHints(between(340, 360), [late])[0]?.seconds).toBe(350);
  });

  test('names none where two defaults lie in the interval, or none', () => {
    expect(boxHints(between(230, 360), [late])).toEqual([]);
    expect(boxHints(between(120, 200), [late])).toEqual([]);
  });

  test('names none where the interval is open, or nothing died', () => {
    expect(boxHints(between(null, 360), [late])).toEqual([]);
    expect(boxHints(between(340, null), [late])).toEqual([]);
    expect(boxHints(between(340, 360), [])).toEqual([]);
  });

  test('half-closed connections are compared with the timers of that state alone', () => {
    const state = 'half-closed';
    expect(boxes(boxHints(between(110, 130), [vanished], state))).toContain('Palo Alto');
    expect(boxHints(between(110, 130), [vanished])).toEqual([]);
    expect(boxHints(between(340, 360), [late], state)).toEqual([]);
  });

  test('of five with 350 s, those that reset the next packet are not those that drop it', () => {
    const sends = boxes(boxHints(between(340, 360), [late]));
    expect(sends).toEqual(['AWS NAT gateway', 'AWS NLB', 'AWS Gateway Load Balancer']);
    const drops = boxes(boxHints(between(340, 360), [vanished]));
    expect(drops).toContain('AWS Network Firewall');
    expect(drops).not.toContain('AWS NAT gateway');
  });

  test('a reset towards the outside is none of a NAT that resets the inside alone', () => {
    const base = killed();
    const outside: Finding = { ...base, trigger: { ...base.trigger, by: 'responder' } };
    expect(boxes(boxHints(between(340, 360), [outside]))).not.toContain('AWS NAT gateway');
  });

  test('resets at the moment of expiry are none of a box that waits for the next packet', () => {
    expect(boxHints(between(880, 920), [atExpiry])).toEqual([]);
    expect(boxes(boxHints(between(295, 305), [atExpiry]))).toEqual(['F5 BIG-IP (fastL4)']);
  });

  test('an exact measurement allows for the coarseness of a clock', () => {
    expect(boxHints(between(239.2, 239.4), [vanished])[0]?.seconds).toBe(240);
  });

  test('a proxy is compared with proxies, a box with boxes', () => {
    const closed = killed({ verdict: 'endpoint-timer' });
    expect(boxes(proxyHints(60, [closed]))).toEqual(['AWS ALB', 'AWS CLB']);
    expect(proxyHints(350, [closed])).toEqual([]);
    expect(boxes(boxHints(between(58, 62), [late]))).not.toContain('AWS ALB');
  });

  test(
    'a code in the window field names the product that signs so, a live socket’s ' +
      'window does not',
    () => {
      const signed = killed({ record: { endingWindow: 9300 } });
      expect(signedBy([signed])).toEqual([{ box: 'NetScaler', code: 9300 }]);
      const live: Finding = { ...signed, ending: { ...signed.ending, form: 'socket' } };
      expect(signedBy([live])).toEqual([]);
      expect(signedBy([late])).toEqual([]);
    },
  );
});

test('below the floor for NATs only where the whole interval is', () => {
  expect(isBelowFloor(between(80, 100))).toBe(true);
  expect(isBelowFloor(between(7000, 7500))).toBe(false);
  expect(isBelowFloor(between(80, null))).toBe(false);
});

test('docs/remedies.md shows every entry, with its default and its source', () => {
  const page = read('docs/remedies.md').text;
  for (const { box, seconds, source } of CATALOGUE) {
    const row = page.split('\n').find((line) => line.startsWith(`| ${box} | L`)) ?? '';
    expect(row).toContain(seconds === null ? 'as configured' : String(seconds));
    expect(row).toContain(source);
  }
});
