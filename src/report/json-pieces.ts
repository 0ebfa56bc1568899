/**
 * A document as JSON, in pieces: the text of `JSON.stringify(document, null, 2)` without the whole of it, or of what it was
 * made from, in memory. Lists that are long are given as rows that are made when their turn has come.
 *
 * One character beyond Latin-1 makes all of a string two bytes wide, and one row that lives makes all that it holds
 * outlive collections: a report of ten megabytes took a tenth of the whole command more (docs/performance.md, "Above it").
 */
import { Rows } from './rows.ts';
import { visibleJson } from './visible.ts';

/** Chosen: enough for one call of the kernel's, and little beside what a row is made from. */
const PIECE = 1 << 16;

/** `  "key": value`, what an object of this entry alone has between its braces. */
const entryText = (key: string, value: unknown): string =>
  visibleJson(JSON.stringify({ [key]: value }, null, 2)).slice('{\n'.length, -'\n}'.length);

function* listText(key: string, rows: Iterable<unknown>): Generator<string> {
  const opening = entryText(key, []).slice(0, -1);
  let before = `${opening}\n`;
  for (const row of rows) {
    const list = entryText(key, [row]);
    yield before + list.slice(opening.length + '\n'.length, -'\n  ]'.length);
    before = ',\n';
  }
  yield before === ',\n' ? '\n  ]' : `${opening}]`;
}

function* texts(document: object): Generator<string> {
  let before = '{\n';
  for (const [key, value] of Object.entries(document)) {
    if (value === undefined) continue;
    yield before;
    if (value instanceof Rows) yield* listText(key, value);
    else yield entryText(key, value);
    before = ',\n';
  }
  yield before === ',\n' ? '\n}\n' : '{}\n';
}

/** … and a line's end. Harmless on a terminal (visible.ts). */
export function* jsonPieces(document: object): Generator<string> {
  let piece = '';
  for (const text of texts(document)) {
    piece += text;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}
