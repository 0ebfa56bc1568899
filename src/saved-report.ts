/**
 * A report that was written before (`deadair read --json > report.json`), read again: only what
 * doctor and check need of it, each field checked, because anybody may have edited it.
 */
import { readFileSync, type Stats, statSync } from 'node:fs';
import { AppError } from './base/errors.ts';
import { fileError } from './capture/problems.ts';

export interface SavedPath {
  readonly network: string;
  readonly port: number;
  readonly status: string;
  readonly estimateSeconds: number | null;
  readonly lowSeconds: number | null;
  readonly highSeconds: number | null;
}

export interface SavedReport {
  /** When the file was last written, milliseconds since 1970. */
  readonly writtenAtMs: number;
  readonly sources: readonly {
    readonly firstAtMs: number | null;
    readonly lastAtMs: number | null;
    readonly droppedPackets: number;
  }[];
  readonly findings: readonly {
    readonly id: string;
    readonly verdict: string;
    /** The same death at other capture points. */
    readonly sameAs: readonly string[];
  }[];
  readonly findingsOmitted: number;
  readonly paths: readonly SavedPath[];
}

type Json = Readonly<Record<string, unknown>>;

const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null ? (value as Json) : {};
const list = (value: unknown): readonly Json[] =>
  Array.isArray(value) ? value.map((each: unknown) => object(each)) : [];
const number = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function timeMs(value: unknown): number | null {
  const at = Date.parse(text(value));
  return Number.isNaN(at) ? null : at;
}

function pathOf(path: Json): SavedPath {
  const responder = object(path['responder']);
  const timeout = object(path['timeout']);
  return {
    network: text(responder['network']),
    port: number(responder['port']) ?? 0,
    status: text(timeout['status']),
    estimateSeconds: number(timeout['estimateSeconds']),
    lowSeconds: number(timeout['lowSeconds']),
    highSeconds: number(timeout['highSeconds']),
  };
}

const notAReport = (path: string, cause?: unknown): AppError =>
  new AppError(
    'E_INPUT_FORMAT',
    `${path} is no report of deadair (schema deadair.report/1)`,
    'write one with `deadair read --json FILE... > report.json`',
    cause,
  );

function parsed(path: string, content: string): Json {
  try {
    return object(JSON.parse(content));
  } catch (thrown) {
    throw notAReport(path, thrown);
  }
}

/** A pipe could be waited for without end, and has no age. */
function refuseOther(path: string, what: Stats): void {
  if (what.isFile()) return;
  const code = what.isDirectory() ? 'E_INPUT_IS_DIRECTORY' : 'E_INPUT_NOT_A_FILE';
  throw new AppError(code, `${path}: not a file`, 'give the file that `deadair read --json` wrote');
}

function contentOf(path: string): { content: string; writtenAtMs: number } {
  try {
    const what = statSync(path);
    refuseOther(path, what);
    return { content: readFileSync(path, 'utf8'), writtenAtMs: what.mtimeMs };
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    throw fileError(path, thrown, 'check the path');
  }
}

export function savedReport(path: string): SavedReport {
  const { content, writtenAtMs } = contentOf(path);
  const report = parsed(path, content);
  if (report['schema'] !== 'deadair.report/1') throw notAReport(path);
  return {
    writtenAtMs,
    sources: list(report['sources']).map((source) => ({
      firstAtMs: timeMs(source['firstAt']),
      lastAtMs: timeMs(source['lastAt']),
      droppedPackets: number(source['droppedPackets']) ?? 0,
    })),
    findings: list(report['findings']).map(({ id, verdict, sameAs }) => ({
      id: text(id),
      verdict: text(verdict),
      sameAs: Array.isArray(sameAs) ? sameAs.map((each: unknown) => text(each)) : [],
    })),
    findingsOmitted: number(report['findingsOmitted']) ?? 0,
    paths: list(report['paths']).map(pathOf),
  };
}
