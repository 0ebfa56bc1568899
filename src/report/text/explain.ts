/** What happened, for somebody who has never heard of it: only where something was cut. */
import type { Analysis } from '../analysis.ts';
import { ofVerdict } from './groups.ts';
import { type Page, paragraph } from './page.ts';

const STORY = [
  'What that means: many boxes on the way keep a note of every connection and throw it away after',
  'some time without a packet. Neither end is told. When one of them speaks again, its packet',
  'meets a box that no longer knows the connection and answers with a reset ("connection reset by peer")',
  'or not at all ("timed out"). A packet now and then (TCP keepalive, or a ping of the',
  'application) keeps the note alive.',
].join(' ');

export function explain(analysis: Analysis, page: Page): string[] {
  const { findings } = analysis;
  const cut =
    ofVerdict(findings, 'box-timeout').length + ofVerdict(findings, 'possible-box-timeout').length;
  return cut === 0 ? [] : ['', ...paragraph(page, STORY, 0, 'dim')];
}
