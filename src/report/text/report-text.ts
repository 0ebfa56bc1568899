/**
 * The text report: first the answer, then its proof path by path, then what was ruled out and why.
 *
 * It is written for somebody who has never heard of TCP keepalive. It holds no control character
 * but line ends, and colour where the page's paint gives some.
 */
import type { Analysis } from '../analysis.ts';
import { prescriptionsOf } from '../prescriptions.ts';
import { answer } from './answer.ts';
import { resetSection, silenceSection } from './counts-sections.ts';
import { explain } from './explain.ts';
import { pathStories } from './groups.ts';
import { otherEndings } from './other-endings.ts';
import { kernelSection } from './kernel-section.ts';
import { logSection } from './log-section.ts';
import { heading, type Page, paragraph } from './page.ts';
import { pathSection } from './path-section.ts';
import { count } from './quantity.ts';
import { readSection } from './read-section.ts';
import { whatIfSection } from './what-if-section.ts';

/** Chosen: more paths than this are counted, not told. */
const PATHS = 8;

function pathSections(analysis: Analysis, page: Page): string[] {
  const stories = pathStories(analysis);
  const cut = stories.filter((story) => story.cut.length > 0);
  const left = cut.length - PATHS;
  const { of } = prescriptionsOf(analysis);
  const prescribed = cut.slice(0, PATHS).map((story) => ({ story, prescription: of(story.path) }));
  const above = (i: number) => prescribed.slice(0, i).map(({ prescription }) => prescription);
  return [
    ...prescribed.flatMap(({ story, prescription }, i) =>
      pathSection(story, prescription, above(i), analysis, page),
    ),
    ...(left > 0
      ? ['', ...heading(page, `… and ${count(left, 'more path')} like these (all with --json)`)]
      : []),
    ...otherEndings(analysis, stories, page),
  ];
}

function furtherReading(analysis: Analysis, page: Page): string[] {
  if (analysis.findings.length === 0) return [];
  const text =
    'The evidence for and against each finding, its frames and a Wireshark filter: --json. ' +
    'Its packets: --carve DIR. Cures for other software: --json.';
  return ['', ...paragraph(page, text, 0, 'dim')];
}

/** `whatIfNs`: keepalive times of which to say what they would have saved. */
export function reportText(
  analysis: Analysis,
  page: Page,
  whatIfNs: readonly bigint[] = [],
): string {
  const lines = [
    ...answer(analysis, page),
    ...explain(analysis, page),
    ...pathSections(analysis, page),
    ...whatIfSection(analysis, whatIfNs, page),
    ...logSection(analysis, page),
    ...kernelSection(analysis, page),
    ...furtherReading(analysis, page),
    ...readSection(analysis, page),
    ...silenceSection(analysis, page),
    ...resetSection(analysis, page),
  ];
  return `${lines.join('\n')}\n`;
}
