/** The deaths on one path, a line each; a long list is cut, and says so. */
import type { Finding } from '../../judge/finding.ts';
import { endpointText } from '../address.ts';
import { type Cell, type Column, type Page, table } from './page.ts';
import type { Style } from './paint.ts';
import {
  count,
  day,
  dayAndTime,
  durationInColumn,
  percent,
  sameDay,
  timeOfDay,
} from './quantity.ts';
import { VERDICT_WORDS } from '../words.ts';

/** Chosen: a screen still shows the paragraph above the table. */
const ROWS = 12;

const COLUMNS: readonly Column[] = [
  { title: 'died at (UTC)' },
  { title: 'connection from' },
  { title: 'silent', align: 'right' },
  { title: 'how' },
  { title: 'verdict' },
  { title: 'sure', align: 'right' },
  { title: 'sent by', expendable: 1 },
];

const STYLES: Readonly<Record<Finding['verdict'], Style>> = {
  'box-timeout': 'red',
  'possible-box-timeout': 'yellow',
  burst: 'cyan',
  'endpoint-timer': 'dim',
};

/**
 * When the application noticed: the reset, or the end of the wait; the trigger where neither was
 * seen.
 */
const diedAt = ({ ending, record }: Finding): bigint => ending.atNs ?? record.endedAtNs;

function row(finding: Finding, when: (ns: bigint) => string): readonly Cell[] {
  const { record } = finding;
  const style = STYLES[finding.verdict];
  return [
    { text: when(diedAt(finding)) },
    { text: endpointText(record.originatorAddress, record.originatorPort) },
    { text: durationInColumn(finding.silenceNs) },
    { text: finding.signature },
    { text: VERDICT_WORDS[finding.verdict], style },
    { text: percent(finding.confidence) },
    { text: finding.emitter.is },
  ];
}

export function findingsTable(findings: readonly Finding[], page: Page): string[] {
  const [first] = findings;
  if (first === undefined) return [];
  const oneDay = findings.every((finding) => sameDay(diedAt(finding), diedAt(first)));
  const when = oneDay ? timeOfDay : (ns: bigint) => dayAndTime(ns).slice(0, 19);
  const title = oneDay ? `${day(diedAt(first))}, UTC` : 'died at (UTC)';
  const columns = COLUMNS.map((column, i) => (i === 0 ? { ...column, title } : column));
  const shown = findings.slice(0, ROWS);
  const lines = table(
    page,
    columns,
    shown.map((finding) => row(finding, when)),
  );
  const left = findings.length - shown.length;
  return left === 0
    ? lines
    : [
        ...lines,
        page.paint('dim', `  … and ${count(left, 'more', 'more')} (all with --csv or --ndjson)`),
      ];
}
