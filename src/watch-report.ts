/** The reports of a live capture: on stdout, and in the file of --report. */
import { writeWhole } from './read-html.ts';
import type { Analysis } from './report/analysis.ts';
import { jsonText, report } from './report/document.ts';
import { renderHtml } from './report/html.ts';
import { reportText } from './report/text/report-text.ts';
import { pageFor } from './report/text/surface.ts';
import type { Terminal } from './terminal.ts';
import type { Witness } from './watch-kernel.ts';
import type { WatchSettings } from './watch-settings.ts';

export interface Job {
  readonly settings: WatchSettings;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly witness: Witness;
}

export function rendered(analysis: Analysis, { settings, terminal }: Job): string {
  const { format, maxFindings, whatIfNs, colour } = settings;
  if (format === 'json') return jsonText(report(analysis, maxFindings, whatIfNs));
  const page = pageFor({ columns: terminal.columns, colour });
  return reportText(analysis, page, whatIfNs);
}

/** Whole at every moment; JSON, or a page where the file is called so. Throws E_OUTPUT. */
export function writeReport(analysis: Analysis, { settings }: Job): void {
  const { report: file, maxFindings, whatIfNs } = settings;
  if (file === null) return;
  const document = report(analysis, maxFindings, whatIfNs);
  writeWhole(file, file.endsWith('.html') ? renderHtml(document, new Map()) : jsonText(document));
}

/** On a terminal findings have just been told; the report stands apart from them. */
export async function printReport(analysis: Analysis, job: Job): Promise<void> {
  const { format } = job.settings;
  if (format === 'ndjson') return;
  await job.terminal.out(`${format === 'text' ? '\n' : ''}${rendered(analysis, job)}`);
}
