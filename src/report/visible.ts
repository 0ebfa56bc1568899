/**
 * Whatever came from a packet, a file name or an interface name is hostile text.
 *
 * On a terminal C0 and C1 controls steer the terminal, bidirectional overrides and invisible
 * characters make text look like other text; all of them are shown as escapes. A spreadsheet takes
 * a cell for a formula by its first character (OWASP, "CSV Injection").
 */
const BEYOND_C0 = [
  '\\u007f-\\u009f', // DEL, C1
  '\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2060-\\u206f\\ufeff', // invisible, and bidi marks
  '\\u2028-\\u202e\\ufff9-\\ufffb', // separators, bidi embeddings, annotations
].join('');

/** … and C0, tags, lone surrogates (a pair is one character here, under "u"). */
const HOSTILE = new RegExp(
  `[\\u0000-\\u001f${BEYOND_C0}\\u{e0000}-\\u{e007f}\\ud800-\\udfff]`,
  'gu',
);

/** Text that shows on any terminal what is in it, and does nothing. */
export function visible(text: string): string {
  return text.replace(HOSTILE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/**
 * What of it JSON.stringify leaves (all but C0), in units of UTF-16: surrogates may be a tag's, or alone. Most reports hold none, and
 * ten megabytes of one are looked through in a tenth of the time.
 */
const MAYBE_HOSTILE = new RegExp(`[${BEYOND_C0}\\ud800-\\udfff]`);

/**
 * JSON that is harmless on a terminal and still means the same: JSON.stringify escapes C0 alone.
 */
export function visibleJson(json: string): string {
  if (!MAYBE_HOSTILE.test(json)) return json;
  return json.replace(HOSTILE, (character) => {
    if (character === '\n') return character;
    let escaped = '';
    for (let i = 0; i < character.length; i++) {
      escaped += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
    }
    return escaped;
  });
}

const FORMULA = /^[\s]*[=+\-@|%\t\r]/;

/** One cell of RFC 4180 that no spreadsheet computes. Numbers pass as they are. */
export function csvCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = visible(value);
  const tame = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(tame) ? `"${tame.replaceAll('"', '""')}"` : tame;
}
