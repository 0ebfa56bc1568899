/** Compiles the bench's own C++ (never the addon), again only when a source is newer. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const bench = dirname(fileURLToPath(import.meta.url));
export const cache = join(bench, 'traces');

const modified = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

export const sourcesIn = (folder) =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(h|cc)$/.test(entry.name))
    .map((entry) => join(folder, entry.name));

/** `sources` are compiled; whatever lies in `watched` folders makes the result stale too. */
export function compile(name, sources, { watched = [], flags = [], folder = cache } = {}) {
  mkdirSync(folder, { recursive: true });
  const output = join(folder, name);
  const newest = Math.max(...[...sources, ...watched.flatMap(sourcesIn)].map(modified));
  if (modified(output) < newest) {
    const words = ['-std=c++20', '-O2', '-Wall', '-Wextra', '-o', output, ...sources, ...flags];
    execFileSync('g++', words, { stdio: ['ignore', 'inherit', 'inherit'] });
  }
  return output;
}
