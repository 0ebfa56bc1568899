/** What `deadair watch` says in one line: a finding as it is told, and how the capture stands. */
import type { FindingReport } from '../schema.ts';
import { visible } from '../visible.ts';
import { VERDICT_WORDS } from '../words.ts';
import { type Page, paragraph } from './page.ts';

const oneDigit = (seconds: number): string => `${seconds.toFixed(1)} s`;

/** `[2001:db8::1]:80`, `192.0.2.1:80` */
const endpoint = ({ address, port }: { address: string; port: number }): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

/** When the application noticed, to the millisecond, UTC. */
const diedAt = ({ ending, silence }: FindingReport): string =>
  (ending.at ?? silence.endedAt).slice(0, 23).replace('T', ' ');

function factsOf(report: FindingReport): string {
  const { flow, silence, update, confidence } = report;
  const again = update === 0 ? '' : ` (update ${update})`;
  const percent = `${Math.round(confidence * 100)} %`;
  const where = flow.capturePoint === null ? '' : ` on ${flow.capturePoint}`;
  return [
    `${diedAt(report)}  ${report.signature}${again}`,
    `${endpoint(flow.originator)} -> ${endpoint(flow.responder)}${where}`,
    `silent ${oneDigit(silence.seconds)}`,
    `${VERDICT_WORDS[report.verdict]} ${percent}`,
  ].join('  ');
}

/** For a pipe: one line, whatever its length, so that grep and the journal have all of it. */
export const findingLine = (report: FindingReport): string =>
  `${visible(`${factsOf(report)}  ${report.summary}`)}\n`;

/** For a person at a terminal: the facts, and below them what they mean, set to its width. */
export function findingLines(report: FindingReport, page: Page): string {
  const facts = paragraph(page, factsOf(report), 0, 'bold');
  return `${[...facts, ...paragraph(page, report.summary, 2)].join('\n')}\n`;
}

export interface Standing {
  readonly packetsPerSecond: number;
  readonly connections: number;
  readonly openSilences: number;
  readonly dropped: number;
  readonly findings: number;
  /** Of one core. */
  readonly cpuPercent: number;
  /** Names of interfaces that cannot be captured from at the moment. */
  readonly away: readonly string[];
}

function thousands(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** As many of its words as fit, none of them cut: what is missed least stands last. */
export function standingLine(standing: Standing, columns: number): string {
  const words = [
    ...standing.away.map((name) => `${name} is DOWN`),
    `${thousands(standing.packetsPerSecond)} packets/s`,
    `${thousands(standing.dropped)} dropped`,
    `${thousands(standing.findings)} findings`,
    `${thousands(standing.openSilences)} silent`,
    `${thousands(standing.connections)} connections`,
    `CPU ${Math.round(standing.cpuPercent)} %`,
  ].map(visible);
  let line = words[0] ?? '';
  for (const word of words.slice(1)) {
    if (line.length + 2 + word.length > columns) break;
    line += `, ${word}`;
  }
  return line.slice(0, columns);
}
