/** A report in pieces is the report: JSON.stringify says what they must spell. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonPieces } from '../../src/report/json-pieces.ts';
import { jsonText, report, reportPieces } from '../../src/report/document.ts';
import { withNames } from '../../src/report/names.ts';
import { Rows } from '../../src/report/rows.ts';
import { visibleJson } from '../../src/report/visible.ts';
import { analysis, path, twelve } from './analyses.ts';

const spelled = (document: object): string => [...jsonPieces(document)].join('');

/** Any of its lists as rows, by the toss of a coin. */
const inRows = (document: Record<string, unknown>, tosses: readonly boolean[]): object =>
  Object.fromEntries(
    Object.entries(document).map(([key, value], i) => [
      key,
      Array.isArray(value) && tosses[i] !== false ? new Rows(() => value) : value,
    ]),
  );

describe('JSON in pieces', () => {
  test('is what JSON.stringify writes of the whole, whatever is in it', () => {
    const [text, value] = [fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' })];
    const documents = fc.dictionary(text, value, { maxKeys: 6 });
    const lists = fc.dictionary(text, fc.array(value), { maxKeys: 3 });
    fc.assert(
      fc.property(documents, lists, fc.array(fc.boolean()), (some, others, tosses) => {
        const document = { ...some, ...others };
        const whole = `${visibleJson(JSON.stringify(document, null, 2))}\n`;
        expect(spelled(inRows(document, tosses))).toBe(whole);
      }),
    );
  });

  test('leaves out what has no value, and shows an empty list as one', () => {
    expect(spelled({})).toBe('{}\n');
    expect(spelled({ a: undefined })).toBe('{}\n');
    expect(spelled({ a: undefined, b: new Rows(() => []), c: 1 })).toBe(
      '{\n  "b": [],\n  "c": 1\n}\n',
    );
  });

  test('makes a row when its turn has come, not before', () => {
    let made = 0;
    const rows = new Rows(function* () {
      for (; made < 100; made++) yield 'x'.repeat(50_000);
    });
    const pieces = jsonPieces({ rows });
    expect(pieces.next().value?.length).toBeGreaterThan(65_536);
    expect(made).toBeLessThan(3);
    expect([...pieces].length).toBeGreaterThan(40);
    expect(made).toBe(100);
  });

  test('a report, and one with names, is the same in pieces', () => {
    const twelveFound = twelve();
    const paths = Array.from({ length: 300 }, (_, i) => path(twelveFound, { id: `p_${i}` }));
    const found = analysis(twelveFound, { paths });
    const names = { of: (address: string) => `host of ${address}` };
    const whole = report(found, 7, [60n]);
    const pieces = [...reportPieces(found, 7, [60n])];
    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces.join('')).toBe(jsonText(whole));
    const named = [...reportPieces(found, 7, [60n], names)].join('');
    expect(named).toBe(jsonText(withNames(whole, names)));
    expect(named).toContain('host of ');
  });
});
