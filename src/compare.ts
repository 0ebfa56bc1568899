/**
 * `deadair compare BEFORE AFTER`: two reports or captures in, what changed out.
 *
 * A capture is analysed as `deadair read` does it; a report is read as it was written, also by an
 * earlier version.
 */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { AppError, EXIT } from './base/errors.ts';
import { fileError } from './capture/problems.ts';
import { analysisOf, type Job } from './read.ts';
import { readSettings } from './read-settings.ts';
import type { Given } from './report/compare/compare.ts';
import { type Fields, isFields } from './report/compare/fields.ts';
import type { Comparison } from './report/compare/schema.ts';
import type { Terminal } from './terminal.ts';

const REPORT_HINT = 'give a report made by `deadair read --json`, or a capture';

/** V8 makes no string longer than 2^29 - 24 characters. */
const REPORT_BYTES = 2 ** 29 - 24;

/** No capture format begins with a brace or white space; a report begins with nothing else. */
function looksLikeReport(name: string): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(name, 'r');
  } catch (thrown) {
    throw fileError(name, thrown);
  }
  try {
    if (!fstatSync(descriptor).isFile()) return false;
    const head = Buffer.alloc(64);
    const length = readSync(descriptor, head, 0, head.length, 0);
    return /^(?:\uFEFF)?\s*\{/.test(head.toString('utf8', 0, length));
  } catch (thrown) {
    throw fileError(name, thrown);
  } finally {
    closeSync(descriptor);
  }
}

function reportIn(name: string): Fields {
  let bytes: Buffer;
  try {
    bytes = readFileSync(name);
  } catch (thrown) {
    throw fileError(name, thrown);
  }
  if (bytes.length > REPORT_BYTES) {
    throw new AppError('E_INPUT_FORMAT', `${name}: larger than any report`, REPORT_HINT);
  }
  let document: unknown;
  try {
    document = JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, ''));
  } catch (thrown) {
    throw new AppError('E_INPUT_FORMAT', `${name}: no whole JSON document`, REPORT_HINT, thrown);
  }
  if (isFields(document) && document['schema'] === 'deadair.report/1') return document;
  throw new AppError('E_INPUT_FORMAT', `${name}: JSON, but no deadair.report/1`, REPORT_HINT);
}

async function given(name: string, job: Job): Promise<Given> {
  if (name === '-') {
    throw new AppError('E_USAGE', 'compare reads two files, not stdin', 'write it to a file first');
  }
  if (looksLikeReport(name)) return { name, kind: 'report', document: reportIn(name) };
  const analysis = await analysisOf([name], job);
  const { report } = await import('./report/document.ts');
  return { name, kind: 'capture', document: report(analysis, Number.POSITIVE_INFINITY) };
}

async function rendered(comparison: Comparison, { settings, terminal }: Job): Promise<string> {
  if (settings.format === 'json') {
    const { jsonText } = await import('./report/document.ts');
    return jsonText(comparison);
  }
  const { comparisonText } = await import('./report/compare/text.ts');
  const { pageFor } = await import('./report/text/surface.ts');
  return comparisonText(
    comparison,
    pageFor({ columns: terminal.columns, colour: settings.colour }),
  );
}

export async function compare(
  names: { readonly before: string; readonly after: string },
  flags: Readonly<Record<string, unknown>>,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const job = { settings: readSettings(flags, terminal.env), terminal, signal };
  const before = await given(names.before, job);
  const after = await given(names.after, job);
  const { compareReports } = await import('./report/compare/compare.ts');
  const comparison = compareReports({ before, after });
  await terminal.out(await rendered(comparison, job));
  return job.settings.failOnFindings && comparison.worse ? EXIT.findings : EXIT.ok;
}
