/** [pure] stages: records and a time go in, values come out. No `node:` import, no clock, no log, no chance. */
import { builtinModules } from 'node:module';
import { importsOf } from './imports.ts';
import type { SourceFile } from './tree.ts';

export const PURE_STAGES = ['judge', 'path', 'prescribe'] as const;

const IMPURE_CALLS: Readonly<Record<string, RegExp>> = {
  'the wall clock': /\bDate\.now\b|\bnew Date\b|\bperformance\.\w/,
  'the console': /\bconsole\.\w/,
  'the process': /\bprocess\.\w|\bglobalThis\.\w/,
  chance: /\bMath\.random\b|\bcrypto\.\w/,
  'a timer': /\bset(?:Timeout|Interval|Immediate)\(/,
};

const COMMENT_OR_STRING = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g;

/** The text without comments and quoted strings; templates stay, as they hold code. */
const codeOf = (text: string): string => text.replace(COMMENT_OR_STRING, "''");

const isBuiltin = (specifier: string): boolean =>
  specifier.startsWith('node:') || builtinModules.includes(specifier);

const PURE_TARGET = new RegExp(`^src/(?:base|${PURE_STAGES.join('|')})/`);
const IMPURE_BASE = 'src/base/root.ts';
/** A native function of numbers alone is as pure as one in TypeScript. */
export const PURE_NATIVE = 'src/capture/numbers.ts';

function impureImports(file: SourceFile): string[] {
  return importsOf(file).flatMap(({ specifier, target, typeOnly }) => {
    if (isBuiltin(specifier)) return [`${file.path} imports ${specifier}`];
    if (typeOnly || target === null || target === PURE_NATIVE) return [];
    if (PURE_TARGET.test(target) && target !== IMPURE_BASE) return [];
    return [`${file.path} imports more than types from ${specifier}`];
  });
}

export function impurities(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const code = codeOf(file.text);
    const uses = Object.entries(IMPURE_CALLS).filter(([, pattern]) => pattern.test(code));
    return [...impureImports(file), ...uses.map(([what]) => `${file.path} uses ${what}`)];
  });
}
