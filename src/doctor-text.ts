/**
 * The survey as a person reads it: what is wrong and its cure, then connections by program, then
 * what was looked at.
 */
import { programName, type Program } from './host/programs.ts';
import type { Cure, HostFinding, Severity } from './host/finding.ts';
import type { IdleTimeout } from './host/idle-timeout.ts';
import type { Survey } from './host/survey.ts';
import { looked } from './doctor-looked.ts';
import { type Column, heading, type Page, paragraph, table } from './report/text/page.ts';
import type { Style } from './report/text/paint.ts';
import { count, durationOfSeconds, number } from './report/text/quantity.ts';
import { visible } from './report/visible.ts';

const STYLES: Readonly<Record<Severity, Style>> = {
  critical: 'alarm',
  warning: 'yellow',
  note: 'cyan',
};

const LABEL = 8;

const labelled = (page: Page, label: string, text: string, style?: Style): string[] =>
  paragraph(page, text, 2, style, label.padEnd(LABEL));

/**
 * What is to be copied is not broken into lines: a terminal that wraps it still copies it whole.
 */
function cureLines({ kind, text }: Cure, label: string, page: Page): string[] {
  if (kind === 'note') return labelled(page, label, text);
  const margin = `  ${page.paint('bold', label.padEnd(LABEL))}`;
  return [margin + page.paint('green', visible(text))];
}

function findingLines(found: HostFinding, page: Page): string[] {
  const { id, severity, what, why, at, cure, source } = found;
  return [
    '',
    `${page.paint(STYLES[severity], severity.toUpperCase())}  ${page.paint('bold', id)}`,
    ...labelled(page, 'what', what),
    ...(at.length === 0 ? [] : labelled(page, 'where', at.join(', '))),
    ...labelled(page, 'why', why),
    ...cure.flatMap((each, i) => cureLines(each, i === 0 ? 'cure' : '', page)),
    ...labelled(page, 'source', source, 'dim'),
  ];
}

const GRAVITY: readonly (readonly [Severity, string, string])[] = [
  ['critical', 'critical finding', 'critical findings'],
  ['warning', 'warning', 'warnings'],
  ['note', 'note', 'notes'],
];

function summary({ findings, hostname, kernel }: Survey): string {
  const parts = GRAVITY.flatMap(([severity, one, many]) => {
    const some = findings.filter((each) => each.severity === severity).length;
    return some === 0 ? [] : [count(some, one, many)];
  });
  const said = parts.length === 0 ? 'nothing found' : parts.join(', ');
  return `${hostname} (Linux ${kernel}): ${said}.`;
}

function against({ seconds, from, paths }: IdleTimeout): string {
  const long = durationOfSeconds(seconds);
  if (from === 'flag') return `Held against an idle timeout of ${long} (--timeout).`;
  if (from === 'report') {
    const of = paths.length === 1 ? 'the path' : `the shortest of ${paths.length} paths`;
    return `Held against the idle timeouts of the report; ${of}: ${long}.`;
  }
  const none =
    from === 'assumed' ? 'No idle timeout was given' : 'Nothing in the report was cut by a box';
  return (
    `${none}: held against ${long}, the default of Azure's load balancer and NAT gateway, ` +
    'shorter than that of other clouds. Better: --timeout 350s, or --report of what ' +
    '`deadair read --json` found.'
  );
}

const COLUMNS: readonly Column[] = [
  { title: 'program' },
  { title: 'none', align: 'right' },
  { title: 'late', align: 'right' },
  { title: 'armed', align: 'right' },
  { title: 'busy', align: 'right' },
  { title: 'mostly' },
  { title: 'in', expendable: 1 },
];

/** Chosen: more programs than this are in the JSON document. */
const PROGRAMS = 12;
const OWN = 'this host';

function programRow(program: Program) {
  const { connections, peers, namespace } = program;
  const { none, late, armed, unknown } = connections;
  const alarm = (value: number) => ({
    text: number(value),
    ...(value > 0 ? { style: 'yellow' as const } : {}),
  });
  return [
    { text: programName(program) },
    alarm(none),
    alarm(late),
    { text: number(armed) },
    { text: number(unknown) },
    { text: peers[0]?.where ?? '' },
    { text: namespace === OWN ? '' : namespace.replace(/, .*$/, '') },
  ];
}

const LEGEND =
  'none: without SO_KEEPALIVE. late: the next probe comes after the timeout. armed: keepalive ' +
  'is on and in time, or no more than the timeout is left on its timer where the socket could ' +
  'not be asked. busy: data is on its way, and the socket could not be asked.';

function programSection({ programs, connections }: Survey, page: Page): string[] {
  const { judged, local, elsewhere } = connections;
  const aside = [
    ...(local > 0 ? [`${number(local)} that do not leave the machine`] : []),
    ...(elsewhere > 0 ? [`${number(elsewhere)} on no path of the report`] : []),
  ];
  const left = programs.length - PROGRAMS;
  const others = aside.length === 0 ? '' : `; not counted: ${aside.join(', ')}`;
  const total = `${count(judged.length, 'established connection')}${others}.`;
  return [
    '',
    ...heading(page, 'Connections, by program and keepalive'),
    ...paragraph(page, total, 2),
    ...(judged.length === 0
      ? []
      : [
          ...table(page, COLUMNS, programs.slice(0, PROGRAMS).map(programRow)),
          ...(left > 0 ? [`  … and ${count(left, 'more program')} (all with --json)`] : []),
          ...paragraph(page, LEGEND, 2, 'dim'),
        ]),
  ];
}

function notSeenSection({ notSeen }: Survey, page: Page): string[] {
  if (notSeen.length === 0) return [];
  return [
    '',
    ...heading(page, 'What could not be seen'),
    ...notSeen.flatMap(({ what, needs }) => [
      ...paragraph(page, what, 2),
      ...paragraph(page, `needs ${needs}`, 4, 'dim'),
    ]),
  ];
}

export function doctorText(survey: Survey, page: Page): string {
  const lines = [
    ...paragraph(page, summary(survey), 0, 'bold'),
    ...paragraph(page, against(survey.idle)),
    ...survey.findings.flatMap((found) => findingLines(found, page)),
    ...programSection(survey, page),
    '',
    ...heading(page, 'What was looked at'),
    ...looked(survey, page),
    ...notSeenSection(survey, page),
  ];
  return `${lines.join('\n')}\n`;
}
