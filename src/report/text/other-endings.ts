/**
 * What died otherwise, a line each: restarts (one instant, no timeout) and timers of an application
 * or a proxy.
 */
import { endpointText } from '../address.ts';
import type { Finding } from '../../judge/finding.ts';
import type { Analysis } from '../analysis.ts';
import type { Prescription } from '../../prescribe/prescription.ts';
import { prescriptionsOf } from '../prescriptions.ts';
import { longest, type PathStory, seenAt, shortest } from './groups.ts';
import { heading, type Page, paragraph } from './page.ts';
import { count, dayAndTime, duration, durations } from './quantity.ts';

type Burst = Analysis['bursts'][number];

/** Chosen. */
const LINES = 10;

/** Where those timers are set, and whose default it may be. */
function whereSet({ timerLines, hints }: Prescription): string {
  const knobs = (timerLines ?? []).filter(({ kind }) => kind === 'set');
  const places = knobs.map(({ stack, text }) => `${stack}: ${text}`).join('. ');
  const boxes = hints.filter(({ layer }) => layer === 'L7').map(({ box }) => box);
  const hint =
    boxes.length === 0 ? '' : ` It is the default of ${boxes.join(' and ')}: a hint, no proof.`;
  return `${hint} ${places}.`;
}

/** One leg cannot tell an application from a proxy; two that close together can. */
const byWhom = (timed: readonly Finding[]): string =>
  timed.every(({ otherLeg }) => otherLeg !== undefined)
    ? "a proxy's own timer, which closed both its legs together"
    : "an application's or a proxy's own timer";

function timerLine(
  { path, timed }: PathStory,
  prescription: Prescription,
  analysis: Analysis,
): string {
  const after = durations(shortest(timed), longest(timed));
  const server = endpointText(path.responderAddress, path.responderPort);
  return (
    `${server}${seenAt(path, analysis)}: ${count(timed.length, 'connection')} ended after ${after} without payload, by ` +
    `${byWhom(timed)}. TCP keepalive does not help there; raise that timer, ` +
    'or let the application send pings.' +
    whereSet(prescription)
  );
}

function bulleted(page: Page, title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const shown = lines.slice(0, LINES).flatMap((line) => paragraph(page, line, 2, undefined, '- '));
  const left = lines.length - LINES;
  return [
    '',
    ...heading(page, title),
    ...shown,
    ...(left > 0 ? [`  … and ${count(left, 'more', 'more')}`] : []),
  ];
}

/** Those that had spoken a moment ago died as well, and are no findings. */
function burstLine({ atNs, flows, findingIds, reading }: Burst, shortestNs: bigint): string {
  const silent =
    findingIds.length < flows
      ? `, ${findingIds.length} of them after ${duration(shortestNs)} of silence or more`
      : '';
  return `${dayAndTime(atNs)}: ${count(flows, 'connection')}${silent}: ${reading}`;
}

export function otherEndings(
  analysis: Analysis,
  stories: readonly PathStory[],
  page: Page,
): string[] {
  const bursts = analysis.bursts.map((burst) => burstLine(burst, analysis.shortestNs));
  const prescriptions = prescriptionsOf(analysis);
  const timers = stories
    .filter((story) => story.timed.length > 0)
    .map((story) => timerLine(story, prescriptions.of(story.path), analysis));
  return [
    ...bulleted(page, 'Many at one moment: no timeout', bursts),
    ...bulleted(page, 'Idle timers at an end of the connection', timers),
  ];
}
