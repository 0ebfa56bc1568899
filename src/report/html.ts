/**
 * The report as one HTML file that works offline and when mailed: the page that web/ builds, with a report in it.
 *
 * The report lies in a data block that no byte of a capture can leave: every "<" of its JSON is written
 * as \u003c, so neither `</script>` nor `<!--` occurs (HTML Living Standard, 4.12.1.3). The page's own
 * script and style are allowed by their hashes, nothing else is, and it asks no server for anything.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../base/errors.ts';
import { packageRoot, packageVersion } from '../base/root.ts';
import { shortNames } from '../base/short-names.ts';
import type { Ladder } from './ladder/schema.ts';
import type { Report } from './schema.ts';
import { visible, visibleJson } from './visible.ts';

/** What the page is given: web/report/data.ts reads it. */
export interface PageData {
  readonly version: string;
  readonly report: Report;
  readonly ladders: Readonly<Record<string, Ladder>>;
}

const DATA = '<!--deadair:data-->';
const TITLE = '<!--deadair:title-->';
const WORDS = '<!--deadair:words-->';

let cached: string | undefined;

function template(): string {
  try {
    cached ??= readFileSync(join(packageRoot(), 'dist', 'page', 'report.html'), 'utf8');
    return cached;
  } catch (cause) {
    throw new AppError(
      'E_PAGE_MISSING',
      'the page of the HTML report has not been built',
      'run `npm run build` in the package',
      cause,
    );
  }
}

const MARKUP: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escaped = (text: string): string =>
  visible(text).replace(/[&<>"']/g, (character) => MARKUP[character] ?? character);

/** JSON that ends no script element and opens no comment. */
export const embeddedJson = (value: unknown): string =>
  visibleJson(JSON.stringify(value)).replaceAll('<', String.raw`\u003c`);

/** The policy that the page carries, with what only a header can say; for whoever serves it. */
export function reportPolicy(): string {
  const meta = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(template());
  const own = (meta?.[1] ?? "default-src 'none'").replaceAll('&#39;', "'");
  return `${own}; frame-ancestors 'none'; sandbox allow-scripts allow-downloads`;
}

function titleOf({ sources, findingsTotal }: Report): string {
  const names = shortNames(sources.map(({ name }) => name));
  const more = names.length > 2 ? ` and ${names.length - 2} more` : '';
  return `deadair: ${findingsTotal} findings in ${names.slice(0, 2).join(', ')}${more}`;
}

/** Said where scripts do not run. */
function words({ findings, findingsTotal }: Report): string {
  const said = findings.slice(0, 20).map(({ summary }) => `<li>${escaped(summary)}</li>`);
  return `<p>${findingsTotal} findings. This page needs its own script to draw them; the first are:</p><ul>${said.join('')}</ul>`;
}

/** Same report, same bytes. Throws E_PAGE_MISSING where the page was not built. */
export function renderHtml(
  report: Report,
  ladders: ReadonlyMap<string, Ladder> = new Map(),
): string {
  const data: PageData = {
    version: packageVersion(),
    report,
    ladders: Object.fromEntries(ladders),
  };
  // A function as replacement: "$&" in a host name stays text.
  return template()
    .replace(TITLE, () => escaped(titleOf(report)))
    .replace(WORDS, () => words(report))
    .replace(DATA, () => embeddedJson(data));
}
