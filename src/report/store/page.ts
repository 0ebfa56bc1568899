/**
 * Lists are read a page at a time, by key: the cursor names the last row that was given, so that a page costs the same
 * wherever it lies and nothing is skipped or repeated when rows come in meanwhile.
 */
export interface Page {
  readonly limit: number;
  readonly after: Cursor | null;
}

/** The sort key of a row: a number (a time, mostly), then its id. */
export interface Cursor {
  readonly at: number;
  readonly id: string;
}

export interface Listed<Item> {
  readonly items: Item[];
  readonly next: string | null;
}

export const cursorText = ({ at, id }: Cursor): string =>
  Buffer.from(JSON.stringify([at, id])).toString('base64url');

/** Null when it is none of ours. */
export function parseCursor(text: string): Cursor | null {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (!Array.isArray(parsed) || parsed.length !== 2) return null;
    const [at, id] = parsed as unknown[];
    return Number.isFinite(at) && typeof id === 'string' ? { at: at as number, id } : null;
  } catch {
    return null;
  }
}

/** `rows` were asked for with one more than the limit: that one tells whether there is a next page. */
export function listed<Row, Item>(
  rows: readonly Row[],
  limit: number,
  { item, cursor }: { item: (row: Row) => Item; cursor: (row: Row) => Cursor },
): Listed<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items: shown.map(item), next: more ? cursorText(cursor(last)) : null };
}

/** Newest first, from behind the cursor on. */
export const behind = (
  after: Cursor | null,
  column: string,
): { readonly sql: string; readonly values: readonly (string | number)[] } =>
  after === null
    ? { sql: '', values: [] }
    : { sql: ` AND (${column}, id) < (?, ?)`, values: [after.at, after.id] };
