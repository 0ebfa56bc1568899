/**
 * `--what-if`: repeatable, sorted, from the environment too, and wrong ones refused with their
 * origin.
 */
import { Value } from 'typebox/value';
import { expect, test } from 'vitest';
import { readSettings } from '../../src/read-settings.ts';
import { ReportSchema } from '../../src/report/schema.ts';
import { said } from '../kit/command.ts';
import { labFile } from '../kit/lab.ts';

const asked = (flag: readonly string[] | undefined, env = {}) =>
  readSettings(flag === undefined ? {} : { whatIf: flag }, env).whatIfNs.map(Number);

test('is a list without repetitions, shortest first', () => {
  expect(asked(['5m', '60s', '1m'])).toEqual([60e9, 300e9]);
  expect(asked(undefined)).toEqual([]);
});

test('comes from the environment where no flag is given', () => {
  const env = { DEADAIR_WHAT_IF: '2m,30s' };
  expect(asked(undefined, env)).toEqual([30e9, 120e9]);
  expect(asked(['10s'], env)).toEqual([10e9]);
});

test('what is no duration is refused, and said where it was', () => {
  expect(() => asked(['60s', 'often'])).toThrow('--what-if: "often" is no duration');
  expect(() => asked(['0s'])).toThrow('is no duration');
  expect(() => asked(undefined, { DEADAIR_WHAT_IF: '1s,' })).toThrow('DEADAIR_WHAT_IF');
});

test('given twice, each path of the report answers twice, within its schema', async () => {
  const capture = labFile('reject', 'inside.pcap');
  const args = [
    'read',
    '--json',
    '--shortest',
    '1s',
    '--what-if',
    '2s',
    '--what-if',
    '60s',
    capture,
  ];
  const { status, out } = await said(args);
  expect(status).toBe(0);
  const document = JSON.parse(out);
  expect([...Value.Errors(ReportSchema, document)]).toEqual([]);
  expect(document.paths[0].whatIf).toMatchObject([
    { keepaliveSeconds: 2, saved: 16, lost: 0 },
    { keepaliveSeconds: 60, saved: 0, lost: 16 },
  ]);
});
