/**
 * One path on which silent connections died: who, how many, the bounds of the idle timeout, and
 * what to do about it.
 */
import type { Finding } from '../../judge/finding.ts';
import { endpointText } from '../address.ts';
import type { Analysis } from '../analysis.ts';
import { findingsTable } from './findings-table.ts';
import { longest, ofVerdict, type PathStory, shortest } from './groups.ts';
import { heading, type Page, paragraph } from './page.ts';
import { count, duration, number } from './quantity.ts';

/** net.ipv4.tcp_keepalive_time, Documentation/networking/ip-sysctl.rst */
const LINUX_KEEPALIVE_NS = 7_200_000_000_000n;

/** Chosen: names a handful, counts a crowd. */
const CLIENTS_NAMED = 3;

function clients(findings: readonly Finding[]): string {
  const all = [...new Set(findings.map(({ record }) => record.originatorAddress))];
  if (all.length <= CLIENTS_NAMED) return all.join(', ');
  return `${all.slice(0, CLIENTS_NAMED).join(', ')} and ${number(all.length - CLIENTS_NAMED)} more`;
}

function tally({ path, cut }: PathStory): string {
  const survived =
    path.survived === 0 ? 'none survived' : `${count(path.survived, 'silence')} survived`;
  return `${count(cut.length, 'connection')} from ${clients(cut)} died while silent; ${survived} on this path.`;
}

function bounds({ path, cut }: PathStory): string {
  const killed = shortest(cut);
  const survived = path.longestSurvivedNs;
  if (survived === null)
    return `somewhere below ${duration(killed)}, the shortest silence that was killed.`;
  const facts = `the longest silence that survived (${duration(survived)}) and the shortest that was killed (${duration(killed)})`;
  if (survived < killed) return `between ${facts}.`;
  return `not clear: ${facts} contradict each other, so more than one thing is at work here.`;
}

function noticed(cut: readonly Finding[]): string {
  const reset = cut.filter(
    ({ ending }) => ending.kind === 'rst' && ending.hangNs < 1_000_000_000n,
  ).length;
  const hung = cut.length - reset;
  const parts: string[] = [];
  if (reset > 0) parts.push(`"connection reset by peer" at once (${number(reset)})`);
  if (hung > 0) {
    const wait = longest(cut.map((finding) => ({ ...finding, silenceNs: finding.ending.hangNs })));
    parts.push(
      `no answer for up to ${duration(wait)} (${number(hung)}); left alone, Linux gives up after about 15 minutes`,
    );
  }
  return `${parts.join('; ')}.`;
}

/** The emitter of the surest finding, and what gave it away. */
function proof({ cut }: PathStory): string {
  const [best] = [...cut].sort((a, b) => b.confidence - a.confidence);
  if (best === undefined || best.emitter.because.length === 0) return '';
  const because = best.emitter.because.join('; ');
  return best.emitter.is === 'middlebox'
    ? `not sent by an end of the connection: ${because}.`
    : `${because}.`;
}

function advice({ path, cut }: PathStory): string {
  const killed = shortest(cut);
  const survived = path.longestSurvivedNs;
  const safe = survived !== null && survived < killed ? survived : null;
  const limit = safe ?? killed;
  const what = `let one end send something before ${duration(limit)} of silence have passed, best at half of that: `;
  const bound = safe === null ? 'The true limit may be lower still. ' : '';
  const linux =
    limit < LINUX_KEEPALIVE_NS
      ? "Linux's default of 7200 s comes too late, and reaches only sockets that ask for keepalive (SO_KEEPALIVE)."
      : 'On Linux keepalive reaches only sockets that ask for it (SO_KEEPALIVE).';
  return `${what}TCP keepalive, or a ping of the application. ${bound}${linux}`;
}

const certain = (cut: readonly Finding[]): boolean => ofVerdict(cut, 'box-timeout').length > 0;

function title({ path }: PathStory, analysis: Analysis): string {
  const point = analysis.capturePoints[path.capturePoint]?.name;
  const where = analysis.capturePoints.length > 1 && point ? `, seen at ${point}` : '';
  const speaker = path.firstSpeaker === 'originator' ? 'client' : 'server';
  const server = endpointText(path.responderAddress, path.responderPort);
  return `Connections to ${server}, the ${speaker} speaking first after the silence${where}`;
}

export function pathSection(story: PathStory, analysis: Analysis, page: Page): string[] {
  const { cut } = story;
  const because = proof(story);
  const line = (label: string, text: string) =>
    paragraph(page, text, 2, undefined, label.padEnd(14));
  return [
    '',
    ...heading(page, title(story, analysis)),
    ...line('Who', tally(story)),
    ...line('Idle timeout', bounds(story)),
    ...line('Programs saw', noticed(cut)),
    ...(because === '' ? [] : line(certain(cut) ? 'Proof' : 'Evidence', because)),
    ...line('What to do', certain(cut) ? advice(story) : `if it is a box: ${advice(story)}`),
    '',
    ...findingsTable(cut, page),
  ];
}
