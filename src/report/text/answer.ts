/** The first lines of the text report: the answer. Everything below them is there to prove it. */
import type { Finding } from '../../judge/finding.ts';
import { endpointText } from '../address.ts';
import type { Analysis, PathFacts } from '../analysis.ts';
import {
  deaths,
  isExact,
  longest,
  ofVerdict,
  type PathStory,
  pathStories,
  shortest,
} from './groups.ts';
import { notLookedAt } from './causes.ts';
import { type Page, paragraph } from './page.ts';
import { count, duration, durations, number } from './quantity.ts';
import type { Style } from './paint.ts';

interface Sentence {
  readonly text: string;
  readonly style?: Style;
}

const them = (cut: readonly Finding[]): string => (deaths(cut) === 1 ? 'it' : 'them');

const places = (stories: readonly PathStory[]): string => {
  const [only] = stories;
  return stories.length === 1 && only !== undefined
    ? ` to ${endpointText(only.path.responderAddress, only.path.responderPort)}`
    : ` on ${count(stories.length, 'path')}`;
};

/** What one path's survivors say of the box's patience, where they do not contradict its kills. */
function bracket(story: PathStory, cut: readonly Finding[]): string {
  const killed = shortest(cut);
  const survived = story.path.longestSurvivedNs;
  const most = cut.every(isExact)
    ? `It does so by itself after ${durations(killed, longest(cut))} of silence`
    : `It does so after at most ${duration(killed)} of silence`;
  if (survived === null) return `${most}; none that survived was seen here.`;
  if (survived < killed)
    return `${most}; nothing silent for ${duration(survived)} or less was cut.`;
  const cutAfter = `The shortest silence that was cut lasted ${duration(killed)}`;
  return `${cutAfter}; yet one of ${duration(survived)} survived.`;
}

function cutByBox(analysis: Analysis): Sentence[] {
  const cut = ofVerdict(analysis.findings, 'box-timeout');
  if (cut.length === 0) return [];
  const stories = pathStories(analysis).filter(
    (story) => ofVerdict(story.cut, 'box-timeout').length > 0,
  );
  const [only] = stories;
  const who = `${count(deaths(cut), 'connection')}${places(stories)} died while silent`;
  const died = {
    text: `${who}: a box in the path (NAT, firewall or load balancer) cut ${them(cut)}.`,
    style: 'alarm',
  } as const;
  if (stories.length === 1 && only !== undefined) {
    return [died, { text: bracket(only, ofVerdict(only.cut, 'box-timeout')) }];
  }
  return [died, { text: `The shortest silence that was cut lasted ${duration(shortest(cut))}.` }];
}

function perhapsCut(analysis: Analysis): Sentence[] {
  const perhaps = ofVerdict(analysis.findings, 'possible-box-timeout');
  if (perhaps.length === 0) return [];
  const more = perhaps.length < analysis.findings.length ? 'more ' : '';
  const stories = pathStories(analysis).filter(
    (story) => ofVerdict(story.cut, 'possible-box-timeout').length > 0,
  );
  const who = count(deaths(perhaps), `${more}connection`);
  return [
    {
      text:
        `${who}${places(stories)} died after at least ${duration(shortest(perhaps))} of silence, ` +
        `but this capture cannot prove that a box cut ${them(perhaps)}: ` +
        'a restarted or unreachable server looks the same.',
      style: 'yellow',
    },
  ];
}

function otherEndings(analysis: Analysis): Sentence[] {
  const restarted = deaths(ofVerdict(analysis.findings, 'burst'));
  const timed = deaths(ofVerdict(analysis.findings, 'endpoint-timer'));
  const sentences: Sentence[] = [];
  if (restarted > 0) {
    const lost = `${count(restarted, 'connection')} ${restarted === 1 ? 'was' : 'were'} lost`;
    sentences.push({ text: `${lost} in a restart or fail-over: that is no timeout.` });
  }
  if (timed > 0) {
    const ended = `${count(timed, 'connection')} ended by an idle timer of an application or proxy`;
    sentences.push({ text: `${ended}: no box between did that.` });
  }
  return sentences;
}

function longestSurvivor(paths: readonly PathFacts[]): string {
  const lasted = (path: PathFacts | undefined): bigint => path?.longestSurvivedNs ?? 0n;
  const [best] = [...paths].sort((a, b) => (lasted(a) < lasted(b) ? 1 : -1));
  if (best === undefined || lasted(best) === 0n) return '';
  const server = endpointText(best.responderAddress, best.responderPort);
  return ` The longest that survived lasted ${duration(lasted(best))} (to ${server}).`;
}

/** Chosen: catches the impatient boxes, and is still more than a slow answer. */
const SHORTER_NS = 1_000_000_000n;
const SHORTER = '1s';

/** Not to be found is not to be there: shorter silences may have been cut too. */
function shorterOnes(analysis: Analysis): Sentence[] {
  const { findings, shortestNs } = analysis;
  const resets = notLookedAt(analysis);
  if (findings.length > 0 || resets === 0 || shortestNs <= SHORTER_NS) return [];
  const came = `${count(resets, 'reset')} came without so long a silence before`;
  const which = resets === 1 ? 'it' : 'them';
  const text = `${came} ${which}; shorter silences are not looked at: try --shortest ${SHORTER}.`;
  return [{ text, style: 'yellow' }];
}

function noConnection({ sources }: Analysis): Sentence {
  const sum = (of: (source: Analysis['sources'][number]) => number): number =>
    sources.reduce((all, source) => all + of(source), 0);
  const [packets, left] = [sum(({ frames }) => frames), sum(({ filtered }) => filtered)];
  if (left === 0) return { text: 'There is no TCP connection in this capture.' };
  const all = count(packets, 'packet');
  const text =
    left < packets
      ? `There is no TCP connection in what matched --filter (${number(packets - left)} of ${all}).`
      : `There is nothing to look at: of ${all} none matched --filter.`;
  return { text, style: 'yellow' };
}

function allIsWell(analysis: Analysis): Sentence[] {
  if (analysis.findings.length > 0) return [];
  const { silences, counters, shortestNs } = analysis;
  if (counters.flows.seen === 0) return [noConnection(analysis)];
  const observed = Object.values(silences).reduce((sum, each) => sum + each, 0);
  const connections = count(counters.flows.seen, 'TCP connection');
  const silent = `${count(observed, 'silence')} of ${duration(shortestNs)} or more`;
  const looked = `${connections}, ${silent}.`;
  const undecided = silences.open + silences.unobserved;
  const rest = ` For ${number(undecided)} the capture cannot say how they ended (see "Silences").`;
  return [
    {
      text: `No connection was found that died while silent for ${duration(shortestNs)} or more.`,
      style: 'green',
    },
    { text: `${looked}${longestSurvivor(analysis.paths)}${undecided === 0 ? '' : rest}` },
  ];
}

function notAllRead(analysis: Analysis): Sentence[] {
  if (analysis.sources.every((source) => source.complete)) return [];
  const text =
    'The capture was not read to its end (see "What was read"): this is about the part that was.';
  return [{ text, style: 'yellow' }];
}

/** Frames nobody could look into; "no connection" would claim too much over them. */
function notUnderstood({ sources }: Analysis): Sentence[] {
  const frames = (fate: string) => sources.reduce((sum, { fates }) => sum + (fates[fate] ?? 0), 0);
  const unseen = frames('link-type-unknown') + frames('encrypted') + frames('tunnel-too-deep');
  if (unseen === 0 || unseen < frames('tcp')) return [];
  const text = `${count(unseen, 'packet')} could not be looked into (see "What was read").`;
  return [{ text, style: 'yellow' }];
}

export function answer(analysis: Analysis, page: Page): string[] {
  const sentences = [
    ...cutByBox(analysis),
    ...perhapsCut(analysis),
    ...otherEndings(analysis),
    ...allIsWell(analysis),
    ...shorterOnes(analysis),
    ...notUnderstood(analysis),
    ...notAllRead(analysis),
  ];
  return sentences.flatMap(({ text, style }) => paragraph(page, text, 0, style));
}
