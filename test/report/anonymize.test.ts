import { describe, expect, test } from 'vitest';
import { addressText } from '../../src/base/record.ts';
import { addressBytes } from '../../src/report/address.ts';
import { maskAnalysis } from '../../src/report/anonymize/analysis.ts';
import { cryptoPan } from '../../src/report/anonymize/crypto-pan.ts';
import { maskWith } from '../../src/report/anonymize/mask.ts';
import { csvLines } from '../../src/report/csv.ts';
import { jsonText, report } from '../../src/report/document.ts';
import { reportText } from '../../src/report/text/report-text.ts';
import { pageFor } from '../../src/report/text/surface.ts';
import { analysis, path, source, twelve } from './analyses.ts';

/** The key of Crypto-PAn's own sample program, and its sample trace. */
const KEY = Uint8Array.of(
  21,
  34,
  23,
  141,
  51,
  164,
  207,
  128,
  19,
  10,
  91,
  22,
  73,
  144,
  125,
  16,
  216,
  152,
  143,
  131,
  121,
  121,
  101,
  39,
  98,
  87,
  76,
  45,
  42,
  132,
  34,
  2,
);

const masked = (address: string): string => {
  const bytes = addressBytes(address);
  return addressText(cryptoPan(KEY)(bytes), bytes.length === 4 ? 4 : 6);
};

describe('Crypto-PAn', () => {
  test.each([
    ['128.11.68.132', '135.242.180.132'],
    ['129.118.74.4', '134.136.186.123'],
    ['130.132.252.244', '133.68.164.234'],
    ['141.223.7.43', '141.167.8.160'],
    ['141.233.145.108', '141.129.237.235'],
    ['152.163.225.39', '151.140.114.167'],
    ['::1', '78ff:f001:9fc0:20df:8380:b1f1:704:ed'],
    ['::2', '78ff:f001:9fc0:20df:8380:b1f1:704:ef'],
  ])('%s becomes %s, as in its reference', (address, expected) => {
    expect(masked(address)).toBe(expected);
  });

  test('addresses that share n bits share exactly n bits afterwards', () => {
    const bits = (address: string): string =>
      [...addressBytes(address)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
    const shared = (a: string, b: string): number => {
      let n = 0;
      while (n < a.length && a[n] === b[n]) n++;
      return n;
    };
    for (const [a, b] of [
      ['192.0.2.10', '192.0.2.11'],
      ['192.0.2.10', '192.0.3.10'],
      ['10.0.0.1', '200.1.1.1'],
      ['2001:db8::1', '2001:db8:1::1'],
    ] as const) {
      expect(shared(bits(masked(a)), bits(masked(b)))).toBe(shared(bits(a), bits(b)));
    }
  });
});

describe('a masked text', () => {
  const mask = maskWith(KEY);

  test('has every address replaced, with a port or a full stop behind it', () => {
    const text = mask.text('128.11.68.132:443 → [::1]:80, then ::2 and 129.118.74.4.');
    expect(text).toBe(
      '135.242.180.132:443 → [78ff:f001:9fc0:20df:8380:b1f1:704:ed]:80, ' +
        'then 78ff:f001:9fc0:20df:8380:b1f1:704:ef and 134.136.186.123.',
    );
  });

  test('keeps what only looks like one', () => {
    const text = 'at 12:31:05 it took 1.5 s (see 3.10.7.1.2, or 999.1.1.1)';
    expect(mask.text(text)).toBe(text);
  });
});

test('no true address is in any form of an anonymised report', () => {
  const deaths = twelve();
  const reading = 'server 198.51.100.9 restarted';
  const found = analysis(deaths, {
    sources: [source({ name: 'from-192.0.2.10.pcap' })],
    bursts: [{ atNs: 0n, flows: 1, reading, findingIds: [] }],
    paths: [path(deaths)],
  });
  const hidden = maskAnalysis(found, maskWith(KEY));
  const texts = [
    jsonText(report(hidden, 100)),
    reportText(hidden, pageFor({ columns: null, colour: false })),
    [...csvLines(hidden)].join(''),
  ];
  for (const text of texts) {
    expect(text).not.toContain('192.0.2.');
    expect(text).not.toContain('198.51.100.');
    for (const { id } of deaths) expect(text).not.toMatch(new RegExp(`${id}\\b`));
  }
});

test('findings stay on their path when ids are masked', () => {
  const hidden = report(maskAnalysis(analysis(twelve()), maskWith(KEY)), 100);
  expect(new Set(hidden.findings.map((finding) => finding.path))).toEqual(
    new Set([hidden.paths[0]?.id]),
  );
});
