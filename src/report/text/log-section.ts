/** "What the programs logged": how many of their errors the capture explains, and on which clock. */
import type { Finding } from '../../judge/finding.ts';
import { endpointText } from '../address.ts';
import type { Analysis } from '../analysis.ts';
import type { LogFacts, LoggedLine } from '../log/match.ts';
import { heading, type Page, paragraph, type Column, table } from './page.ts';
import { count, dayAndTime, duration, number, timeOfDay } from './quantity.ts';

/** Chosen: enough to check them by eye; all are in the JSON report. */
const ROWS = 12;

const COLUMNS: readonly Column[] = [
  { title: 'logged at (UTC)' },
  { title: 'error' },
  { title: 'connection from' },
  { title: 'silent', align: 'right' },
  { title: 'line', align: 'right', expendable: 1 },
];

/** "UTC", "UTC+08:00", "UTC-03:30" */
export function offsetText(minutes: number): string {
  if (minutes === 0) return 'UTC';
  const size = Math.abs(minutes);
  const two = (value: number) => String(value).padStart(2, '0');
  return `UTC${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

function clockText({ clock, explained }: LogFacts): string {
  const zone = offsetText(clock.offsetMinutes ?? 0);
  const unsure = clock.isSure ? '' : ', but that is little to go by: give --log-timezone';
  const rival =
    clock.runnerUp === 0 ? 'no other explains any' : `the next best ${number(clock.runnerUp)}`;
  const bases: Readonly<Record<typeof clock.basis, string>> = {
    written: 'its lines name their time zone',
    given: `${zone}, as given`,
    estimated: `read as ${zone}, which explains the most (${number(clock.explained)}; ${rival})${unsure}`,
    assumed: 'read as UTC: its lines name no zone, and no zone makes any of them fit',
  };
  const skew = Math.abs(clock.skewSeconds);
  const ahead = clock.skewSeconds > 0 ? 'ahead of' : 'behind';
  const drift =
    skew === 0 || explained === 0 ? '' : `; ${skew} s ${ahead} the capture's clock, and set right`;
  return `${bases[clock.basis]}${drift}.`;
}

function countsText(log: LogFacts): string {
  if (log.errors === 0) {
    return `${count(log.lines, 'line')}, none with a reset, a timeout or a broken pipe.`;
  }
  const rest = [
    [log.unexplained, 'not'] as const,
    [log.outside, 'before or after the capture'] as const,
    [log.untimed, 'without a time'] as const,
    [log.notExamined, 'too many to look at'] as const,
  ]
    .filter(([amount]) => amount > 0)
    .map(([amount, what]) => `, ${number(amount)} ${what}`);
  const errors = `${count(log.errors, 'error')} in ${count(log.lines, 'line')}`;
  return `${errors}: ${number(log.explained)} explained by the connections above${rest.join('')}.`;
}

/** A log may hold one long word, which no page can break. */
const brief = (text: string, longest: number): string =>
  text
    .split(' ')
    .map((word) => (word.length <= longest ? word : `${word.slice(0, longest - 1)}…`))
    .join(' ');

function logLines(log: LogFacts, page: Page): string[] {
  const line = (label: string, text: string) =>
    paragraph(page, text, 4, undefined, label.padEnd(8));
  return [
    ...paragraph(page, log.source, 2, 'bold'),
    ...line('Errors', countsText(log)),
    ...(log.errors > log.untimed ? line('Clock', clockText(log)) : []),
    ...(log.complete ? [] : line('Read', 'not to its end: the gzip stream is damaged or cut off.')),
    ...log.strays.flatMap(({ line: at, text }) =>
      line('Not', brief(`line ${at}: ${text}`, page.width - 14)),
    ),
  ];
}

interface Told {
  readonly finding: Finding;
  readonly line: LoggedLine;
}

function toldOf({ findings, logged }: Analysis): Told[] {
  const seen = new Set<string>();
  const told = findings.flatMap((finding) =>
    (logged?.byFinding.get(finding.id) ?? []).flatMap((line) => {
      const key = `${line.source} ${line.line} ${line.error}`;
      if (seen.has(key)) return [];
      seen.add(key);
      return [{ finding, line }];
    }),
  );
  return told.sort((a, b) => (a.line.atNs < b.line.atNs ? -1 : a.line.atNs > b.line.atNs ? 1 : 0));
}

function toldTable(analysis: Analysis, page: Page): string[] {
  const told = toldOf(analysis);
  if (told.length === 0) return [];
  const days = new Set(told.map(({ line }) => dayAndTime(line.atNs).slice(0, 10)));
  const rows = told
    .slice(0, ROWS)
    .map(({ finding: { record, silenceNs }, line }) => [
      { text: days.size === 1 ? timeOfDay(line.atNs) : dayAndTime(line.atNs).slice(0, 19) },
      { text: line.error },
      { text: endpointText(record.originatorAddress, record.originatorPort) },
      { text: duration(silenceNs) },
      { text: number(line.line) },
    ]);
  const left = told.length - ROWS;
  return [
    '',
    ...table(page, COLUMNS, rows),
    ...(left > 0 ? [`  … and ${count(left, 'more', 'more')} (all with --json)`] : []),
  ];
}

export function logSection(analysis: Analysis, page: Page): string[] {
  const { logged } = analysis;
  if (logged === undefined) return [];
  return [
    '',
    ...heading(page, 'What the programs logged'),
    ...logged.logs.flatMap((log) => logLines(log, page)),
    ...toldTable(analysis, page),
  ];
}
