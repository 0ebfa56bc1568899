/** No report lets a character act on a terminal, and JSON still says the same. */
import { describe, expect, test } from 'vitest';
import { visible, visibleJson } from '../../src/report/visible.ts';

const CODE_POINTS = 0x11_0000;
const CHUNK = 0x100;

/** By Unicode's own properties: controls, formats (bidi, invisible, tags), separators of lines, lone surrogates. */
const ACTS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

const codePoints = Array.from({ length: CODE_POINTS }, (_, code) => String.fromCodePoint(code));
const chunks = Array.from({ length: CODE_POINTS / CHUNK }, (_, i) =>
  codePoints.slice(i * CHUNK, (i + 1) * CHUNK).join(''),
);

/** Of scripts, not of terminals: Arabic number signs, musical beams, hieroglyph joiners and their like. */
const HARMLESS =
  /[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}\u{13430}-\u{1345f}\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}]/gu;

const acting = codePoints.filter((one) => ACTS.test(one.replace(HARMLESS, '')));

describe('of every code point', () => {
  test('JSON means the same', () => {
    const changed = chunks.filter((text) => JSON.parse(visibleJson(JSON.stringify(text))) !== text);
    expect(changed).toEqual([]);
  });

  test('none that acts is left in JSON, alone or among others, but its line feeds', () => {
    const left = [...acting, ...chunks].filter((text) => {
      const json = visibleJson(JSON.stringify({ text }, null, 2));
      return ACTS.test(json.replaceAll('\n', '').replace(HARMLESS, ''));
    });
    expect(acting.length).toBeGreaterThan(0x800);
    expect(left).toEqual([]);
  });

  test('none that acts is left in text', () => {
    expect(chunks.filter((text) => ACTS.test(visible(text).replace(HARMLESS, '')))).toEqual([]);
  });
});

test('what acts on nothing stays as it is', () => {
  const json = JSON.stringify({ fact: 'answered after 137 µs, T ≥ 90 s – “no” … 連線 ✓' }, null, 2);
  expect(visibleJson(json)).toBe(json);
});
