/** What a TypeScript file imports, read from its text. */
import { posix } from 'node:path';
import type { SourceFile } from './tree.ts';

export interface Import {
  readonly from: string;
  /** As written: a package, `node:…`, or a relative path. */
  readonly specifier: string;
  /** From the package's root; null for a package. */
  readonly target: string | null;
  readonly typeOnly: boolean;
}

const STATEMENT = /^\s*(?:import|export)\s+(type\s)?(?:[^'"();]*?\sfrom\s+)?['"]([^'"]+)['"]/gm;
const CALL = /\b(?:import|require)\(\s*['"]([^'"]+)['"]/g;

export function importsOf({ path, text }: SourceFile): Import[] {
  const make = (specifier: string, typeOnly: boolean): Import => ({
    from: path,
    specifier,
    target: specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : null,
    typeOnly,
  });
  return [
    ...[...text.matchAll(STATEMENT)].map((found) => make(found[2] ?? '', found[1] !== undefined)),
    ...[...text.matchAll(CALL)].map((found) => make(found[1] ?? '', false)),
  ];
}

/** The package of a bare specifier: `@scope/name/deep` → `@scope/name`. */
export function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
}
