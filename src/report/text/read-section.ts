/**
 * What was read: for each source what was in it, what was left aside and why, what the capture
 * missed.
 */
import type { SourceClock } from '../../path/correlate/clocks.ts';
import type { SourceFacts } from '../../capture/addon.ts';
import { type Analysis, sourceNames } from '../analysis.ts';
import { sourceReport } from '../source-report.ts';
import type { SourceReport } from '../schema.ts';
import { heading, type Page, paragraph } from './page.ts';
import { count, dayAndTime, duration, durationOfSeconds, number } from './quantity.ts';

/** Chosen: a rotation of more files than this is summed up. */
const SOURCES = 12;

const FATE_WORDS: Readonly<Record<string, string>> = {
  'icmp-quote': 'ICMP errors about a TCP connection',
  'not-ip': 'not IP',
  'not-tcp': 'not TCP (UDP and QUIC are not covered)',
  fragment: 'later fragments',
  encrypted: 'encrypted 802.11',
  'link-type-unknown': 'of an unknown link type',
  'truncated-link': 'cut inside the link header',
  'truncated-ip': 'cut inside the IP header',
  'truncated-tcp': 'cut inside the TCP header',
  'malformed-ip': 'with a contradictory IP header',
  'malformed-tcp': 'with a contradictory TCP header',
  'tunnel-too-deep': 'in too many tunnels',
  empty: 'without a byte',
};

function contents(source: SourceReport, facts: SourceFacts): string {
  const links = source.linkTypes.length > 0 ? `, ${source.linkTypes.join('+')}` : '';
  const tcp = source.tcpPackets === source.packets ? 'all' : `${number(source.tcpPackets)} of them`;
  const packets = `${count(source.packets, 'packet')}, ${tcp} TCP`;
  if (source.packets === 0) return `${source.format}${links}: no packets`;
  const span = facts.lastAtNs > facts.firstAtNs ? facts.lastAtNs - facts.firstAtNs : 0n;
  const began = dayAndTime(facts.firstAtNs);
  const time = span === 0n ? `at ${began}` : `${duration(span)} from ${began}`;
  return `${source.format}${links}: ${packets}, ${time}`;
}

function asideLine(source: SourceReport): string[] {
  const parts = Object.entries(source.skipped).map(
    ([fate, n]) => `${number(n)} ${FATE_WORDS[fate] ?? fate}`,
  );
  if (source.filteredPackets > 0) parts.push(`${number(source.filteredPackets)} by --filter`);
  return parts.length === 0 ? [] : [`left aside: ${parts.join(', ')}`];
}

function blindLines(source: SourceReport): string[] {
  const lines: string[] = [];
  if (source.droppedPackets > 0) {
    lines.push(`${count(source.droppedPackets, 'packet')} lost by the program that captured`);
  }
  if (source.blindSeconds > 0) {
    lines.push(
      `blind for ${durationOfSeconds(source.blindSeconds)}: silences across that are not judged`,
    );
  }
  if (source.badRecords > 0)
    lines.push(`${count(source.badRecords, 'record')} that contradict themselves`);
  return lines;
}

/** How the times of this capture compare with those of the first one. */
function clockLines(index: number, analysis: Analysis): string[] {
  const { together = [] } = analysis;
  const clock = together.find(({ source }) => source === index);
  if (clock === undefined || index === 0) return [];
  const first = sourceNames(analysis)[0] ?? '';
  const { offsetNs, drift, matched, throughProxy } = clock;
  if (offsetNs === null) return [`shares no packet with ${first}: their times cannot be compared`];
  const apart = duration(offsetNs < 0n ? -offsetNs : offsetNs);
  const way = offsetNs < 0n ? 'behind' : 'ahead of';
  const what =
    throughProxy === true
      ? `${count(matched, 'close')} on either side of a proxy`
      : `${count(matched, 'packet')} in both`;
  return [`its clock is ${apart} ${way} that of ${first}, by ${what}${driftText(drift)}`];
}

function driftText(drift: SourceClock['drift']): string {
  if (drift === undefined) return '';
  const ppm = Math.round(drift.perSecond * 1e6);
  const pace = `${number(Math.abs(ppm))} millionths ${ppm < 0 ? 'slow' : 'fast'}`;
  return `, in the middle of them: it runs ${pace}, which is allowed for`;
}

function endLines(source: SourceReport): string[] {
  const { problem } = source;
  if (problem === null) return source.complete ? [] : ['not read to its end'];
  const where = `byte ${number(problem.atByte)}, after ${count(problem.atFrame, 'packet')}`;
  return [`${source.complete ? 'odd' : 'STOPPED'} at ${where}: ${problem.what} (${problem.code})`];
}

interface Told {
  readonly facts: SourceFacts;
  readonly source: SourceReport;
  readonly clock: readonly string[];
}

function oneSource({ source, facts, clock }: Told, page: Page): string[] {
  const end = source.complete ? '; complete' : '';
  return [
    ...paragraph(page, source.name, 2),
    ...paragraph(page, `${contents(source, facts)}${end}`, 4),
    ...[...asideLine(source), ...blindLines(source), ...clock].flatMap((line) =>
      paragraph(page, line, 4),
    ),
    ...endLines(source).flatMap((line) =>
      paragraph(page, line, 4, source.complete ? undefined : 'yellow'),
    ),
  ];
}

/** Sources with something to tell are never summed up. */
const isPlain = (source: SourceReport): boolean =>
  source.complete &&
  source.droppedPackets === 0 &&
  source.blindSeconds === 0 &&
  source.badRecords === 0;

export function readSection(analysis: Analysis, page: Page): string[] {
  const sources = analysis.sources.map((facts, i) => ({
    facts,
    source: sourceReport(facts, i, analysis),
    clock: clockLines(i, analysis),
  }));
  const shown = sources.filter(({ source }, i) => i < SOURCES || !isPlain(source));
  const left = sources.filter((each) => !shown.includes(each));
  const packets = left.reduce((sum, { source }) => sum + source.packets, 0);
  const { evicted, flows } = analysis.counters;
  const forgotten = Object.values(evicted).reduce((sum, each) => sum + each, 0);
  return [
    '',
    ...heading(page, 'What was read'),
    ...shown.flatMap((told) => oneSource(told, page)),
    ...(left.length > 0
      ? [`  … and ${count(left.length, 'more file')}, ${count(packets, 'packet')}, all complete`]
      : []),
    ...paragraph(
      page,
      `${count(flows.seen, 'connection')}: ${number(flows.established)} established, ` +
        `${number(flows.midStream)} met without their beginning.`,
      2,
    ),
    ...(forgotten > 0
      ? paragraph(
          page,
          `${count(forgotten, 'connection')} forgotten for want of room; --max-flows gives more.`,
          2,
          'yellow',
        )
      : []),
  ];
}
