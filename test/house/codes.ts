/** Error codes: the table in src/base/errors.ts, what the code writes, and docs/errors.md tell the same. */
import type { SourceFile } from './tree.ts';

const CODE = /\bE_[A-Z0-9]+(?:_[A-Z0-9]+)*\b/g;

export const codesIn = (text: string): Set<string> =>
  new Set([...text.matchAll(CODE)].map(([code]) => code));

/** Codes that stand as string literals: what a program can meet. */
export function literalCodes(files: readonly SourceFile[]): Set<string> {
  const literals = files.flatMap(({ text }) => [...text.matchAll(/['"`](E_[A-Z0-9_]+)['"`]/g)]);
  return new Set(literals.map(([, code]) => code ?? ''));
}

const without = (some: ReadonlySet<string>, others: ReadonlySet<string>): string[] =>
  [...some].filter((code) => !others.has(code)).sort();

export function codesThatDisagree(
  table: ReadonlySet<string>,
  written: ReadonlySet<string>,
  documented: ReadonlySet<string>,
): string[] {
  return [
    ...without(written, table).map((code) => `${code} is written but not in ERROR_EXITS`),
    ...without(table, documented).map((code) => `${code} is not in docs/errors.md`),
    ...without(documented, table).map((code) => `${code} is in docs/errors.md alone`),
  ];
}

/** Rows `| E_X | meaning | what to do | exit |` whose exit status is not the one of the table. */
export function wrongExits(markdown: string, exits: Readonly<Record<string, number>>): string[] {
  return [...markdown.matchAll(/^\|\s*`(E_[A-Z0-9_]+)`\s*\|.*\|\s*(\d+)\s*\|$/gm)].flatMap(
    ([, code = '', exit]) =>
      exits[code] === Number(exit) ? [] : [`${code}: docs say ${exit}, the code ${exits[code]}`],
  );
}
