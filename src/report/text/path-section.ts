/**
 * One path on which silent connections died: who, how many, the bounds of the idle timeout, and
 * what to do about it.
 */
import type { Finding } from '../../judge/finding.ts';
import type { Prescription } from '../../prescribe/prescription.ts';
import { endpointText } from '../address.ts';
import type { Analysis, PathFacts } from '../analysis.ts';
import { configuredOf } from '../kernel/kernel-report.ts';
import { cure } from './cure.ts';
import { findingsTable } from './findings-table.ts';
import { isExact, longest, ofVerdict, type PathStory, seenAt, shortest } from './groups.ts';
import { proof } from './proof.ts';
import { heading, type Page, paragraph } from './page.ts';
import { count, duration, durationOfSeconds, durations, number } from './quantity.ts';

/** Chosen: names a handful, counts a crowd. */
const CLIENTS_NAMED = 3;

function clients(findings: readonly Finding[]): string {
  const all = [...new Set(findings.map(({ record }) => record.originatorAddress))];
  if (all.length <= CLIENTS_NAMED) return all.join(', ');
  return `${all.slice(0, CLIENTS_NAMED).join(', ')} and ${number(all.length - CLIENTS_NAMED)} more`;
}

function tally({ path, cut }: PathStory): string {
  const died = `${count(cut.length, 'connection')} from ${clients(cut)} died while silent`;
  const survived = path.survived === 0 ? 'no silence' : count(path.survived, 'silence');
  return `${died}; ${survived} survived on this path.`;
}

const interval = ({ lowSeconds, highSeconds }: PathFacts['timeout']): string =>
  lowSeconds === null || highSeconds === null
    ? ''
    : `between ${durationOfSeconds(lowSeconds)} and ${durationOfSeconds(highSeconds)}`;

/** Silences out of line: the estimate allows for some, without one nothing is clear. */
function contradiction({ timeout }: PathFacts, facts: string): string {
  const against = `${facts} contradict each other`;
  return timeout.estimateSeconds === null
    ? `not clear: ${against}, so more than one thing is at work here.`
    : `about ${durationOfSeconds(timeout.estimateSeconds)}, with 95 % certainty ` +
        `${interval(timeout)}, though ${against}: ` +
        'some connections met something else.';
}

function twoBoxes({ stepsSeconds }: PathFacts): string {
  const [first, second] = stepsSeconds;
  if (first === undefined || second === undefined) return '';
  const steps = `${durationOfSeconds(first)} and ${durationOfSeconds(second)}`;
  return (
    ` Silences are cut at two lengths, about ${steps}: two boxes, and the shorter ` +
    `timeout binds.`
  );
}

function between({ path, cut }: PathStory): string {
  const killed = duration(shortest(cut));
  const survived = path.longestSurvivedNs;
  if (survived === null) return `somewhere below ${killed}, the shortest silence that was killed.`;
  const facts =
    `the longest silence that survived (${duration(survived)}) ` +
    `and the shortest that was killed (${killed})`;
  return survived < shortest(cut) ? `between ${facts}.` : contradiction(path, facts);
}

function bounds(story: PathStory): string {
  const { path, cut } = story;
  const { timeout, endpointTimerSeconds } = path;
  if (timeout.reason === 'endpoint-timer') {
    const timer = endpointTimerSeconds === null ? 'one' : durationOfSeconds(endpointTimerSeconds);
    return `${timer} since the last payload: a timer of an application or a proxy, not of a box.`;
  }
  if (cut.every(isExact)) {
    const exact = durations(shortest(cut), longest(cut));
    return `${exact}: nobody had spoken, the cut came when the timer of the box ran out.`;
  }
  return `${between(story)}${twoBoxes(path)}`;
}

/** Chosen: whoever gets an answer within a second did not hang. */
const PROMPT_NS = 1_000_000_000n;

const wait = (cut: readonly Finding[]): bigint =>
  cut.reduce((most, { ending }) => (ending.hangNs > most ? ending.hangNs : most), 0n);

/** net.ipv4.tcp_retries2, Documentation/networking/ip-sysctl.rst: 924.6 s by default. */
const GIVES_UP = 'left alone, Linux gives up after about 15 minutes';

function noticed(cut: readonly Finding[]): string {
  const isPrompt = ({ ending }: Finding) => ending.kind !== 'none' && ending.hangNs < PROMPT_NS;
  const unasked = cut.filter(isExact).length;
  const reset = cut.filter((finding) => !isExact(finding) && isPrompt(finding)).length;
  const hung = cut.length - unasked - reset;
  const parts: string[] = [];
  if (unasked > 0) parts.push(`"connection reset by peer" out of the blue (${number(unasked)})`);
  if (reset > 0) parts.push(`"connection reset by peer" as soon as they spoke (${number(reset)})`);
  if (hung > 0) {
    parts.push(`no answer for up to ${duration(wait(cut))} (${number(hung)}); ${GIVES_UP}`);
  }
  return `${parts.join('; ')}.`;
}

const certain = (cut: readonly Finding[]): boolean => ofVerdict(cut, 'box-timeout').length > 0;

function title({ path, cut }: PathStory, analysis: Analysis): string {
  const speaker = path.firstSpeaker === 'originator' ? 'client' : 'server';
  const server = endpointText(path.responderAddress, path.responderPort);
  const broken = cut.every(isExact) ? 'cut in' : `the ${speaker} speaking first after`;
  const which = path.tcpState === 'half-closed' ? 'Half-closed connections' : 'Connections';
  return `${which} to ${server}, ${broken} the silence${seenAt(path, analysis)}`;
}

/** What the gateway itself is set to, beside what was measured (`watch --conntrack`). */
function configured(path: PathFacts, analysis: Analysis): string[] {
  const set = configuredOf(path, analysis);
  if (set === null) return [];
  const { rowsEnded, atMostSeconds: most, warning } = set;
  const rows =
    most === null
      ? ''
      : `; of ${count(rowsEnded, 'death')} its kernel told the end of the row, ` +
        `the earliest ${durationOfSeconds(most)} after the last packet`;
  const said = `${durationOfSeconds(set.seconds)} on this gateway (${set.name})${rows}.`;
  return warning === null ? [said] : [said, `WARNING: ${warning}.`];
}

/** `earlier`: what was prescribed for the paths above. */
export function pathSection(
  story: PathStory,
  prescription: Prescription,
  earlier: readonly Prescription[],
  analysis: Analysis,
  page: Page,
): string[] {
  const { cut, path } = story;
  const line = (label: string, text: string) =>
    paragraph(page, text, 2, undefined, label.padEnd(14));
  return [
    '',
    ...heading(page, title(story, analysis)),
    ...line('Who', tally(story)),
    ...line('Idle timeout', bounds(story)),
    ...configured(path, analysis).flatMap((text) => line('Configured', text)),
    ...line('Programs saw', noticed(cut)),
    ...proof(cut).flatMap(({ label, text }) => line(label, text)),
    ...cure(prescription, certain(cut), earlier).flatMap(({ label, text }, i, all) =>
      line(label === all[i - 1]?.label ? '' : label, text),
    ),
    '',
    ...findingsTable(cut, page),
  ];
}
