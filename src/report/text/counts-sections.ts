/** Every silence and every reset accounted for: the last two paragraphs of the text report. */
import type { Analysis } from '../analysis.ts';
import { OUTCOME_MEANS, OUTCOMES, RESET_CAUSES, SIGNATURES } from '../words.ts';
import { causeMeans } from './causes.ts';
import { heading, type Page } from './page.ts';
import { duration } from './quantity.ts';
import { type Entry, tally } from './tally.ts';

const isSignature = (cause: string): boolean => (SIGNATURES as readonly string[]).includes(cause);

/** What two capture points saw of one connection is counted twice here, unlike deaths. */
const eachPoint = ({ capturePoints: { length } }: Analysis): string =>
  length > 1 ? `, counted at each of ${length} capture points` : '';

export function silenceSection(analysis: Analysis, page: Page): string[] {
  const entries = OUTCOMES.map((outcome) => ({
    count: analysis.silences[outcome],
    name: outcome,
    means: OUTCOME_MEANS[outcome],
  }));
  const limit = duration(analysis.shortestNs);
  if (entries.every((entry) => entry.count === 0)) {
    return ['', ...heading(page, 'Silences'), `  none of ${limit} or more`];
  }
  return [
    '',
    ...heading(page, `Silences of ${limit} or more${eachPoint(analysis)}`),
    ...tally(page, entries, 'observed: that is all of them'),
  ];
}

export function resetSection(analysis: Analysis, page: Page): string[] {
  const entries: Entry[] = RESET_CAUSES.map((cause) => ({
    count: analysis.resetsByCause[cause] ?? 0,
    name: cause,
    means: causeMeans(cause, analysis),
    ...(isSignature(cause) ? { style: 'red' as const } : {}),
  }));
  if (entries.every((entry) => entry.count === 0)) {
    return ['', ...heading(page, 'Resets explained'), '  there is no reset in this capture'];
  }
  return [
    '',
    ...heading(page, `Resets explained${eachPoint(analysis)}`),
    ...tally(page, entries, 'resets: every one in the capture, counted once'),
  ];
}
