/** `deadair read`: captures in, one report out. Loads nothing of the service. */
import { AppError, EXIT } from './base/errors.ts';
import { Interrupted } from './failure.ts';
import { analyse } from './pipeline.ts';
import { openProgress } from './progress.ts';
import { type ReadSettings, readSettings } from './read-settings.ts';
import type { Analysis } from './report/analysis.ts';
import type { Mask } from './report/anonymize/mask.ts';
import type { AddressNames } from './report/names.ts';
import type { LogMatcher } from './report/log/matcher.ts';
import { visible } from './report/visible.ts';
import type { HtmlOptions } from './read-html.ts';
import type { Terminal } from './terminal.ts';

type Flags = Readonly<Record<string, unknown>>;

export interface Job {
  readonly settings: ReadSettings;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

function refuseStdinTwice(paths: readonly string[]): void {
  if (paths.filter((path) => path === '-').length < 2) return;
  throw new AppError('E_USAGE', 'stdin ("-") can be read only once', 'give "-" one time');
}

function refuseOneVantage(paths: readonly string[], together: boolean): void {
  if (!together || paths.length > 1) return;
  const hint = 'give a capture from each side of the box, or leave --together out';
  throw new AppError('E_USAGE', '--together needs two captures or more', hint);
}

export async function analysisOf(
  paths: readonly string[],
  { settings, terminal, signal }: Job,
): Promise<Analysis> {
  const progress = openProgress(terminal, settings.quiet);
  const { shortestNs, filter, workers, maxFlows, together } = settings;
  try {
    return await analyse({
      paths,
      shortestNs,
      filter,
      workers,
      together,
      ...(maxFlows === null ? {} : { maxFlows }),
      onProgress: progress.show,
      signal,
    });
  } catch (thrown) {
    if (signal.aborted) throw new Interrupted('stopped', { cause: thrown });
    throw thrown;
  } finally {
    progress.clear();
  }
}

/**
 * Null: true addresses. A key made here is said once, or the same addresses could never be made
 * again.
 */
async function maskFor({ settings, terminal }: Job): Promise<Mask | null> {
  if (settings.anonymize === null) return null;
  const [{ maskWith }, { freshKey, keyFromFile }] = await Promise.all([
    import('./report/anonymize/mask.ts'),
    import('./report/anonymize/key.ts'),
  ]);
  if (settings.anonymize !== '') return maskWith(keyFromFile(settings.anonymize));
  const key = freshKey();
  if (!settings.quiet) {
    const hex = Buffer.from(key).toString('hex');
    terminal.err(`deadair: addresses are replaced under a fresh key, keep it secret: ${hex}\n`);
  }
  return maskWith(key);
}

/** Null without --log. Logs are read first: a wrong name must not cost an analysis. */
async function logsFor({ settings, signal }: Job): Promise<LogMatcher | null> {
  const { logs, logTimezone } = settings;
  if (logs.length === 0 && logTimezone === null) return null;
  const { logMatcher } = await import('./report/log/matcher.ts');
  try {
    return await logMatcher(logs, logTimezone, signal);
  } catch (thrown) {
    if (signal.aborted) throw new Interrupted('stopped', { cause: thrown });
    throw thrown;
  }
}

/** Asked first: a wrong place must not cost an analysis. */
async function refuseUnwritable({ settings }: Job): Promise<void> {
  const file = settings.html === '-' ? null : settings.html;
  const folder = settings.carve;
  if (file === null && folder === null) return;
  const { refuseUnwritableFile, refuseUnwritableFolder } = await import('./writable.ts');
  if (file !== null) refuseUnwritableFile(file);
  if (folder !== null) refuseUnwritableFolder(folder);
}

async function writeHtml(
  shown: Analysis,
  analysis: Analysis,
  how: Pick<HtmlOptions, 'paths' | 'mask' | 'names'>,
  { settings, terminal, signal }: Job,
): Promise<void> {
  if (settings.html === null) return;
  const { htmlOf, writeWhole } = await import('./read-html.ts');
  const { filter, maxFindings, whatIfNs } = settings;
  const html = await htmlOf(shown, analysis, { ...how, filter, maxFindings, whatIfNs, signal });
  if (signal.aborted) throw new Interrupted('stopped');
  if (settings.html === '-') return terminal.out(html);
  writeWhole(settings.html, html);
  if (!settings.quiet) terminal.err(`deadair: the report is in ${visible(settings.html)}\n`);
}

/** Read first, as logs are. */
async function namesFor({ settings }: Job): Promise<AddressNames | undefined> {
  if (settings.names === null) return undefined;
  return (await import('./report/names-file.ts')).namesFrom(settings.names);
}

async function* rendered(
  analysis: Analysis,
  { settings, terminal }: Job,
  names: AddressNames | undefined,
): AsyncGenerator<string> {
  if (settings.format === 'html') return;
  if (settings.format === 'csv') {
    const { csvLines } = await import('./report/csv.ts');
    yield* csvLines(analysis, names);
  } else if (settings.format === 'text') {
    const { reportText } = await import('./report/text/report-text.ts');
    const { pageFor } = await import('./report/text/surface.ts');
    const page = pageFor({
      columns: terminal.columns,
      colour: settings.colour,
      ...(names === undefined ? {} : { names }),
    });
    yield reportText(analysis, page, settings.whatIfNs);
  } else {
    const { ndjsonLines, reportPieces } = await import('./report/document.ts');
    if (settings.format === 'ndjson') yield* ndjsonLines(analysis, names);
    else yield* reportPieces(analysis, settings.maxFindings, settings.whatIfNs, names);
  }
}

async function carve(
  paths: readonly string[],
  analysis: Analysis,
  mask: Mask | null,
  job: Job,
): Promise<void> {
  const { settings, terminal, signal } = job;
  if (settings.carve === null) return;
  const { carveFindings } = await import('./report/carve/carve.ts');
  const carved = await carveFindings(analysis, {
    folder: settings.carve,
    paths,
    filter: settings.filter,
    maxFindings: settings.maxFindings,
    headersOnly: settings.headersOnly,
    mask,
    signal,
  });
  if (signal.aborted) throw new Interrupted('stopped');
  if (settings.quiet) return;
  const { frames, findings, files } = carved;
  const what = `${frames} packets of ${findings} findings are in ${files} files`;
  terminal.err(`deadair: ${what} in ${visible(settings.carve)}\n`);
}

/** `stdinAt`: where stdin is kept; its sources are still called "-". */
async function reportOn(
  paths: readonly string[],
  stdinAt: string | null,
  job: Job,
): Promise<number> {
  await refuseUnwritable(job);
  const mask = await maskFor(job);
  const logs = await logsFor(job);
  const names = await namesFor(job);
  const found = await analysisOf(paths, job);
  const sources = found.sources.map((source) => ({
    ...source,
    name: source.name === stdinAt ? '-' : source.name,
  }));
  const analysis = { ...found, sources };
  const shown =
    mask === null
      ? analysis
      : (await import('./report/anonymize/analysis.ts')).maskAnalysis(analysis, mask);
  const told = logs === null ? shown : { ...shown, logged: logs(analysis, mask) };
  for await (const text of rendered(told, job, names)) await job.terminal.out(text);
  await writeHtml(told, analysis, { paths, mask, names }, job);
  await carve(paths, analysis, mask, job);
  return job.settings.failOnFindings && analysis.findings.length > 0 ? EXIT.findings : EXIT.ok;
}

/**
 * Carving and the HTML report read everything a second time, which stdin cannot: it is kept in a
 * file for as long as that takes.
 */
export async function read(
  paths: readonly string[],
  flags: Flags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const job = { settings: readSettings(flags, terminal.env), terminal, signal };
  refuseStdinTwice(paths);
  refuseOneVantage(paths, job.settings.together);
  const readsTwice = job.settings.carve !== null || job.settings.html !== null;
  if (!readsTwice || !paths.includes('-')) return reportOn(paths, null, job);
  const { spoolStdin } = await import('./spool.ts');
  const spool = await spoolStdin(signal);
  try {
    return await reportOn(
      paths.map((path) => (path === '-' ? spool.path : path)),
      spool.path,
      job,
    );
  } finally {
    spool.remove();
  }
}
