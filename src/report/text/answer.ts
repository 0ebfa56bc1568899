/** The first lines of the text report: the answer. Everything below them is there to prove it. */
import type { Finding } from '../../judge/finding.ts';
import { endpointText } from '../address.ts';
import type { Analysis, PathFacts } from '../analysis.ts';
import { ofVerdict, type PathStory, pathStories, shortest } from './groups.ts';
import { type Page, paragraph } from './page.ts';
import { count, duration, number } from './quantity.ts';
import type { Style } from './paint.ts';

interface Sentence {
  readonly text: string;
  readonly style?: Style;
}

const places = (stories: readonly PathStory[]): string => {
  const [only] = stories;
  return stories.length === 1 && only !== undefined
    ? ` to ${endpointText(only.path.responderAddress, only.path.responderPort)}`
    : ` on ${count(stories.length, 'path')}`;
};

/**
 * What one path's survivors say about the box's patience; only where they do not contradict its
 * kills.
 */
function bracket(story: PathStory, cut: readonly Finding[]): string {
  const killed = shortest(cut);
  const survived = story.path.longestSurvivedNs;
  const most = `It cut ${cut.length === 1 ? 'the connection' : 'them'} after at most ${duration(killed)} of silence`;
  if (survived === null) return `${most}; no other silence was seen here, so it may be much less.`;
  if (survived < killed)
    return `${most}; nothing silent for ${duration(survived)} or less was cut.`;
  return `The shortest silence that was cut lasted ${duration(killed)}; yet one of ${duration(survived)} survived.`;
}

function cutByBox(analysis: Analysis): Sentence[] {
  const cut = ofVerdict(analysis.findings, 'box-timeout');
  if (cut.length === 0) return [];
  const stories = pathStories(analysis).filter(
    (story) => ofVerdict(story.cut, 'box-timeout').length > 0,
  );
  const [only] = stories;
  const who = `${count(cut.length, 'connection')}${places(stories)} died while silent`;
  const died = {
    text: `${who}: a box in the path (NAT, firewall or load balancer) cut ${cut.length === 1 ? 'it' : 'them'}.`,
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
  const more = perhaps.length < analysis.findings.length ? ' more' : '';
  const stories = pathStories(analysis).filter(
    (story) => ofVerdict(story.cut, 'possible-box-timeout').length > 0,
  );
  const them = perhaps.length === 1 ? 'it' : 'them';
  return [
    {
      text:
        `${number(perhaps.length)}${more} ${perhaps.length === 1 ? 'connection' : 'connections'}${places(stories)} ` +
        `died after at least ${duration(shortest(perhaps))} of silence, but this capture cannot prove that a box ` +
        `cut ${them}: a restarted or unreachable server looks the same.`,
      style: 'yellow',
    },
  ];
}

function otherEndings(analysis: Analysis): Sentence[] {
  const restarted = ofVerdict(analysis.findings, 'burst').length;
  const timed = ofVerdict(analysis.findings, 'endpoint-timer').length;
  const sentences: Sentence[] = [];
  if (restarted > 0) {
    const words = restarted === 1 ? 'was' : 'were';
    sentences.push({
      text: `${count(restarted, 'connection')} ${words} lost in a restart or fail-over: that is no timeout.`,
    });
  }
  if (timed > 0) {
    sentences.push({
      text: `${count(timed, 'connection')} ended by an idle timer of an application or proxy: no box between did that.`,
    });
  }
  return sentences;
}

function allIsWell(analysis: Analysis): Sentence[] {
  if (analysis.findings.length > 0) return [];
  const { silences, counters, shortestNs } = analysis;
  const observed = Object.values(silences).reduce((sum, each) => sum + each, 0);
  const seen = count(counters.flows.seen, 'TCP connection');
  const silence = count(observed, 'silence');
  const looked = `${seen}, ${silence} of ${duration(shortestNs)} or more`;
  const best = analysis.paths.reduce<PathFacts | null>(
    (most, path) =>
      (path.longestSurvivedNs ?? 0n) > (most?.longestSurvivedNs ?? 0n) ? path : most,
    null,
  );
  const longest =
    best === null || best.longestSurvivedNs === null
      ? ''
      : ` The longest that survived lasted ${duration(best.longestSurvivedNs)} (to ${endpointText(best.responderAddress, best.responderPort)}).`;
  const undecided = silences.open + silences.unobserved;
  const rest =
    undecided === 0
      ? ''
      : ` For ${number(undecided)} of them the capture cannot say how they ended (see "Silences").`;
  if (counters.flows.seen === 0) return [{ text: 'There is no TCP connection in this capture.' }];
  return [
    { text: 'No connection was found that died while silent.', style: 'green' },
    { text: `${looked}.${longest}${rest}` },
  ];
}

function notAllRead(analysis: Analysis): Sentence[] {
  if (analysis.sources.every((source) => source.complete)) return [];
  return [
    {
      text: 'The capture was not read to its end; see "What was read". The answer holds for the part that was.',
      style: 'yellow',
    },
  ];
}

export function answer(analysis: Analysis, page: Page): string[] {
  const sentences = [
    ...cutByBox(analysis),
    ...perhapsCut(analysis),
    ...otherEndings(analysis),
    ...allIsWell(analysis),
    ...notAllRead(analysis),
  ];
  return sentences.flatMap(({ text, style }) => paragraph(page, text, 0, style));
}
