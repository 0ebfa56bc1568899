/** The comparison for a person: what it comes to, then path by path, the worst first. */
import { heading, type Page, paragraph } from '../text/page.ts';
import type { Style } from '../text/paint.ts';
import { count, durationOfSeconds as duration, number } from '../text/quantity.ts';
import type { Change } from './change.ts';
import type { Comparison, PathComparison, SideSummary } from './schema.ts';
import { timeoutText } from './sentence.ts';

/** Chosen: more paths than this are counted, not told. */
const PATHS = 12;

const STYLES: Readonly<Partial<Record<Change, Style>>> = {
  worse: 'alarm',
  unchanged: 'red',
  improved: 'yellow',
  untested: 'yellow',
  fixed: 'green',
  'kept-alive': 'green',
};

const WORDS: Readonly<Record<Change, string>> = {
  worse: 'worse',
  unchanged: 'still cut',
  improved: 'better, not cured',
  untested: 'without kills, but hardly tested',
  fixed: 'fixed',
  'kept-alive': 'kept alive by probes',
  quiet: 'without kills before and now',
  appeared: 'only in AFTER',
  vanished: 'only in BEFORE',
};

/** Where no path is on both sides, kills in AFTER are new and yet no change: BEFORE knows nothing of their path. */
function isComparable({ before, after, paths, worse }: Comparison): boolean {
  const strangers = before.paths > 0 && after.paths > 0;
  return paths.some(({ matchedBy }) => matchedBy !== null) || (worse && !strangers);
}

function numbers({ changes, paths, newKills }: Comparison, words: typeof WORDS): string {
  const parts = (Object.keys(words) as Change[])
    .filter((change) => changes[change] > 0)
    .map((change) => `${number(changes[change])} ${words[change]}`);
  const fresh = newKills > 0 ? ` ${count(newKills, 'new kill')}.` : '';
  return `${count(paths.length, 'path')}: ${parts.join(', ')}.${fresh}`;
}

function answer(comparison: Comparison, page: Page): string[] {
  const { paths, worse } = comparison;
  if (paths.length === 0) return paragraph(page, 'Neither side has a path to compare.');
  if (!isComparable(comparison)) {
    const text = 'Nothing can be compared: no path is on both sides.';
    return paragraph(page, text, 0, 'yellow');
  }
  const text = worse ? 'Something got worse.' : 'Nothing got worse.';
  return paragraph(page, `${text} ${numbers(comparison, WORDS)}`, 0, worse ? 'alarm' : 'bold');
}

function notesIn(comparison: Comparison): readonly string[] {
  const { notes, paths } = comparison;
  return paths.length === 0 || isComparable(comparison)
    ? notes
    : [...notes, numbers(comparison, { ...WORDS, worse: 'with new kills' })];
}

function sideLine(label: string, side: SideSummary, page: Page): string[] {
  const watched = side.seconds === null ? '' : `, ${duration(side.seconds)} long`;
  const text = `${side.name} (${side.kind}${watched}): ${count(side.killed, 'kill')} on ${count(side.paths, 'path')}`;
  return paragraph(page, text, 2, undefined, label.padEnd(8));
}

const sideText = (side: PathComparison['before']): string => {
  if (side === null) return 'not there';
  const rate = side.killedPerHour ? ` (${Number(side.killedPerHour.toPrecision(3))} an hour)` : '';
  const kills = `${count(side.killed, 'kill')}${rate}`;
  return `timeout ${timeoutText(side.timeout)}; ${kills}, ${count(side.survived, 'survivor')}`;
};

function pathLines(path: PathComparison, page: Page): string[] {
  const { network, port } = path.responder;
  const server = `${network.replace(/\/(?:32|128)$/, '')} port ${port}`;
  const speaker = path.firstSpeaker === 'originator' ? 'client' : 'server';
  const closed = path.tcpState === 'half-closed' ? ', half-closed' : '';
  const where = path.capturePoint === null ? '' : `, seen at ${path.capturePoint}`;
  const line = (label: string, text: string, style?: Style) =>
    paragraph(page, text, 2, style, label.padEnd(8));
  return [
    '',
    ...heading(page, `Connections to ${server}, the ${speaker} speaking first${closed}${where}`),
    ...line('', path.summary, STYLES[path.change]),
    ...line('before', sideText(path.before)),
    ...line('after', sideText(path.after)),
    ...path.notes.flatMap((note) => line('thin', note)),
  ];
}

export function comparisonText(comparison: Comparison, page: Page): string {
  const told = comparison.paths.filter(({ change }) => change !== 'quiet');
  const left = told.length - PATHS;
  const lines = [
    ...answer(comparison, page),
    ...sideLine('before', comparison.before, page),
    ...sideLine('after', comparison.after, page),
    ...notesIn(comparison).flatMap((note) => paragraph(page, note, 2, 'yellow', 'note'.padEnd(8))),
    ...told.slice(0, PATHS).flatMap((path) => pathLines(path, page)),
    ...(left > 0 ? ['', `… and ${count(left, 'more path')} (all with --json)`] : []),
  ];
  return `${lines.join('\n')}\n`;
}
