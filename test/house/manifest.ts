/** What the documents promise, package.json keeps; and nothing of one machine stands in a tracked file. */
import type { SourceFile } from './tree.ts';

/** Scripts that README, CONTRIBUTING and docs name: `npm run x`, `npm test`. */
export function npmCommands({ text }: SourceFile): Set<string> {
  const run = [...text.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name]) => name ?? '');
  return new Set(/\bnpm test\b/.test(text) ? [...run, 'test'] : run);
}

export function missingScripts(
  wanted: Iterable<string>,
  scripts: Readonly<Record<string, string>>,
): string[] {
  return [...new Set(wanted)].filter((name) => scripts[name] === undefined).sort();
}

/** Flags that the first column of a Markdown table names: | `--json`, `--csv` | … | */
export function tabledFlags({ text }: SourceFile): Set<string> {
  const cells = [...text.matchAll(/^\|([^|]*`--[^|]*)\|/gm)].map(([, cell]) => cell ?? '');
  return new Set([...cells.join(' ').matchAll(/--[a-z-]+/g)].map(([flag]) => flag));
}

/** Flags that a command declares and shows: `.option('--json', …)`. */
export const declaredFlags = ({ text }: SourceFile): Set<string> =>
  new Set([...text.matchAll(/\.option\(\s*'(--[a-z-]+)/g)].map(([, flag]) => flag ?? ''));

/** Links of a Markdown file to files of this package, without their anchors. */
export function localLinks({ text }: SourceFile): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => (target ?? '').replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target));
}

// Written with classes, so that this file does not name what it forbids.
const MACHINE_PATHS = /(?<![\w.])\/(?:[w]ork|[r]oot|[h]ome)\/\w/;

export function machineTraces(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) => [
    ...(MACHINE_PATHS.test(text) ? [`${path} names an absolute path of one machine`] : []),
    ...(path === 'package-lock.json' && /"resolved":\s*"https?:/.test(text)
      ? [`${path} names a registry host`]
      : []),
  ]);
}

/** Lines that git leaves where two changes met and nobody chose: `path:line`. */
export function unmerged(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, i) => (/^(?:<{7}|>{7}) \S/.test(line) ? [`${path}:${i + 1}`] : [])),
  );
}

interface LockEntry {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * Optional dependencies (a binary for each platform, mostly) that the lock file leaves out, as npm does when it could
 * not fetch them all: `npm ci` then refuses the whole file.
 */
export function gapsInLock(text: string): string[] {
  const { packages } = JSON.parse(text) as { packages: Readonly<Record<string, LockEntry>> };
  const wanted = Object.values(packages).flatMap((entry) =>
    Object.keys(entry.optionalDependencies ?? {}),
  );
  const there = Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, ''));
  return wanted.filter((name) => !there.includes(name)).sort();
}
