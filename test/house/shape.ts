/** Sizes and names: a file ends when its idea ends, and is called after it. */
import type { SourceFile } from './tree.ts';

const LONGEST = 400;
const MOST = 250;

export const linesOf = (text: string): number =>
  text.split('\n').length - (text.endsWith('\n') ? 1 : 0);

/** Files above 400 lines that are not excused, and excuses that nothing needs any more. */
export function tooLong(
  files: readonly SourceFile[],
  excused: Readonly<Record<string, string>>,
): string[] {
  const long = files.filter(({ text }) => linesOf(text) > LONGEST);
  const needed = new Set(long.map(({ path }) => path));
  return [
    ...long
      .filter(({ path }) => excused[path] === undefined)
      .map(({ path, text }) => `${path} has ${linesOf(text)} lines, more than ${LONGEST}`),
    ...Object.keys(excused)
      .filter((path) => !needed.has(path))
      .map((path) => `${path} needs its excuse no more`),
  ];
}

/** The share of files with at most 250 lines; style asks for 95 %. */
export const shareOfShort = (files: readonly SourceFile[]): number =>
  files.filter(({ text }) => linesOf(text) <= MOST).length / files.length;

const EMPTY_WORD = /^(?:utils?|helpers?|common|managers?|misc)$/;

export function emptyNames(paths: readonly string[]): string[] {
  return paths.filter((path) =>
    path.split('/').some((part) => part.split(/[-_.]/).some((word) => EMPTY_WORD.test(word))),
  );
}

const STATIC_SKIP = /\b(?:test|it|describe|suite)(?:\.\w+)*\.(?:only|skip|todo|fails)\s*\(/g;
const MUTE_SKIP = /(?<!\b(?:test|it|describe|suite))\.skip\(\s*\)/g;
const CONDITIONAL =
  /\.(?:skipIf|runIf)\([^\n]*?\)(?:\.each\([^\n]*?\))?\(\s*(['"`])(?!.*\bneeds\b.*\1)/g;
const LINE_OF = (text: string, at: number): number => text.slice(0, at).split('\n').length;

/**
 * Tests that are switched off in the source, or that skip themselves without saying why. What may happen is
 * `ctx.skip(condition, 'the reason')`, and `skipIf` with a title that says what it `needs`: scripts/tally.js prints both.
 */
export function mutedTests(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) =>
    [STATIC_SKIP, MUTE_SKIP, CONDITIONAL]
      .flatMap((pattern) => [...text.matchAll(pattern)])
      .map((found) => `${path}:${LINE_OF(text, found.index)} ${found[0]}`),
  );
}
