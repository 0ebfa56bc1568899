/**
 * Findings as a table for spreadsheets: RFC 4180, one row a finding, nothing in it that computes.
 */
import type { Analysis } from './analysis.ts';
import { findingReport, namesOf } from './finding-report.ts';
import { type AddressNames, NO_NAMES, withNames } from './names.ts';
import type { FindingReport } from './schema.ts';
import { csvCell } from './visible.ts';

/** Where a list of names knows its address (names.ts). */
const nameAt = (endpoint: FindingReport['flow']['originator'] & { readonly name?: string }) =>
  endpoint.name ?? null;

type Column = readonly [name: string, of: (finding: FindingReport) => string | number | null];

const COLUMNS: readonly Column[] = [
  ['id', (f) => f.id],
  ['verdict', (f) => f.verdict],
  ['confidence', (f) => f.confidence],
  ['signature', (f) => f.signature],
  ['originator', (f) => f.flow.originator.address],
  ['originator_port', (f) => f.flow.originator.port],
  ['responder', (f) => f.flow.responder.address],
  ['responder_port', (f) => f.flow.responder.port],
  ['capture_point', (f) => f.flow.capturePoint],
  ['silence_started_at', (f) => f.silence.startedAt],
  ['silence_ended_at', (f) => f.silence.endedAt],
  ['silence_seconds', (f) => f.silence.seconds],
  ['trigger', (f) => f.trigger.kind],
  ['trigger_by', (f) => f.trigger.by],
  ['ending', (f) => f.ending.kind],
  ['ending_at', (f) => f.ending.at],
  ['hang_seconds', (f) => f.ending.hangSeconds],
  ['emitter', (f) => f.emitter.is],
  ['path', (f) => f.path],
  ['source', (f) => f.frames.source],
  ['frame_last_before', (f) => f.frames.lastBefore],
  ['frame_trigger', (f) => f.frames.trigger],
  ['frame_ending', (f) => f.frames.ending],
  ['community_id', (f) => f.flow.communityId],
  ['summary', (f) => f.summary],
  ['originator_name', (f) => nameAt(f.flow.originator)],
  ['responder_name', (f) => nameAt(f.flow.responder)],
];

const line = (cells: readonly (string | number | null)[]): string =>
  `${cells.map(csvCell).join(',')}\r\n`;

export const csvHead = (): string => line(COLUMNS.map(([name]) => name));

export const csvRow = (finding: FindingReport): string =>
  line(COLUMNS.map(([, of]) => of(finding)));

export function* csvLines(
  analysis: Analysis,
  addressNames: AddressNames = NO_NAMES,
): Generator<string> {
  yield csvHead();
  const names = namesOf(analysis);
  for (const finding of analysis.findings) {
    yield csvRow(withNames(findingReport(finding, names), addressNames));
  }
}
