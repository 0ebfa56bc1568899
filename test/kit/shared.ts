/** Captures of other projects, which are never copied here: where they are, if they are. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/base/root.ts';

const folder = process.env['DEADAIR_SHARED'] ?? join(packageRoot(), '..', 'shared');

export const haveShared = existsSync(join(folder, 'captures', 'world', 'INDEX.tsv'));

export const WHERE = 'the captures of other projects are not here (DEADAIR_SHARED, or ../shared)';

export interface Indexed {
  readonly file: string;
  readonly path: string;
  readonly expected: string;
  readonly detail: string;
}

/** INDEX.tsv of captures/world or captures/malformed. */
export function indexed(set: 'world' | 'malformed'): readonly Indexed[] {
  if (!haveShared) return [];
  const base = join(folder, 'captures', set);
  const [head = '', ...rows] = readFileSync(join(base, 'INDEX.tsv'), 'utf8').trimEnd().split('\n');
  const column = (name: string): number => head.split('\t').indexOf(name);
  return rows.map((row) => {
    const cells = row.split('\t');
    const file = cells[column('file')] ?? '';
    const expected = cells[column('expected')] ?? '';
    return { file, path: join(base, file), expected, detail: cells[column('detail')] ?? '' };
  });
}
