/**
 * The report as one document (`--json`): a pure rendering of an analysis, byte for byte the same
 * for the same capture.
 */
import { rfc3339, seconds } from '../base/units.ts';
import { type Analysis, findingsOf, type PathFacts } from './analysis.ts';
import { chooseFindings } from './choose.ts';
import { findingReport, type Names, namesOf } from './finding-report.ts';
import { configuredReport, kernelReport } from './kernel/kernel-report.ts';
import { type AddressNames, NO_NAMES, withNames } from './names.ts';
import { jsonPieces } from './json-pieces.ts';
import { logsReport } from './log-report.ts';
import { pathReport } from './path-report.ts';
import { prescriptionReport } from './prescription-report.ts';
import { prescriptionsOf } from './prescriptions.ts';
import { Rows } from './rows.ts';
import type { FindingReport, PathReport, Report } from './schema.ts';
import { sourceReport } from './source-report.ts';
import { visibleJson } from './visible.ts';
import { OUTCOMES, RESET_CAUSES } from './words.ts';

const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

function resetsReport(analysis: Analysis): Report['resets'] {
  const counts = RESET_CAUSES.map((cause) => [cause, analysis.resetsByCause[cause] ?? 0] as const);
  const byCause = Object.fromEntries(counts) as Report['resets']['byCause'];
  return { total: total(byCause), byCause };
}

function silencesReport({ silences }: Analysis): Report['silences'] {
  const counts = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, silences[outcome]]));
  return { observed: total(silences), ...counts } as Report['silences'];
}

function flowsReport({ counters }: Analysis): Report['flows'] {
  return { ...counters.flows, evicted: total(counters.evicted) };
}

/** Left out where nothing of the path is at hand any more. */
function boxSeen(path: PathFacts, analysis: Analysis): Pick<PathReport, 'boxSeen'> {
  const verdicts = findingsOf(analysis, path).map(({ verdict }) => verdict);
  const kills = verdicts.filter((verdict) => verdict.endsWith('box-timeout'));
  return kills.length === 0 ? {} : { boxSeen: kills.includes('box-timeout') };
}

function* pathRows(
  analysis: Analysis,
  names: Names,
  paths: readonly PathFacts[],
  whatIfNs: readonly bigint[],
): Generator<PathReport> {
  const { caseOf } = prescriptionsOf(analysis);
  for (const path of paths) {
    yield {
      ...pathReport(path, names),
      ...boxSeen(path, analysis),
      ...configuredReport(path, analysis),
      ...prescriptionReport(caseOf(path), whatIfNs),
    };
  }
}

/** Some of the analysis' paths. */
export const pathReports = (
  analysis: Analysis,
  paths: readonly PathFacts[],
  whatIfNs: readonly bigint[],
): PathReport[] => [...pathRows(analysis, namesOf(analysis), paths, whatIfNs)];

/** A report whose long lists are made row by row. */
type LongReport = Omit<Report, 'findings' | 'paths'> & {
  readonly findings: Rows<FindingReport>;
  readonly paths: Rows<PathReport>;
};

/** `whatIfNs`: keepalive times of which to say what they would have saved. */
function longReport(
  analysis: Analysis,
  maxFindings: number,
  whatIfNs: readonly bigint[],
): LongReport {
  const names = namesOf(analysis);
  const all = analysis.findings.length + (analysis.forgotten ?? 0);
  const findings = chooseFindings(analysis.findings, maxFindings);
  return {
    schema: 'deadair.report/1',
    complete: analysis.sources.every((source) => source.complete),
    shortestSeconds: seconds(analysis.shortestNs),
    sources: analysis.sources.map((source, index) => sourceReport(source, index, analysis)),
    together: (analysis.together ?? []).map(({ source, offsetNs, drift, matched }) => ({
      source,
      offsetSeconds: offsetNs === null ? null : seconds(offsetNs),
      ...(drift === undefined ? {} : { driftPpm: drift.perSecond * 1e6, at: rfc3339(drift.atNs) }),
      matched,
    })),
    flows: flowsReport(analysis),
    resets: resetsReport(analysis),
    silences: silencesReport(analysis),
    findingsTotal: all,
    findingsOmitted: all - findings.length,
    findings: new Rows(function* () {
      for (const finding of findings) yield findingReport(finding, names);
    }),
    paths: new Rows(() => pathRows(analysis, names, analysis.paths, whatIfNs)),
    bursts: analysis.bursts.map(({ atNs, flows, reading }) => ({
      at: rfc3339(atNs),
      flows,
      reading,
    })),
    ...kernelReport(analysis),
    ...logsReport(analysis),
  };
}

export function report(
  analysis: Analysis,
  maxFindings: number,
  whatIfNs: readonly bigint[] = [],
): Report {
  const long = longReport(analysis, maxFindings, whatIfNs);
  return { ...long, findings: [...long.findings], paths: [...long.paths] };
}

/** The text of `jsonText(withNames(report(…)))`, in pieces. */
export const reportPieces = (
  analysis: Analysis,
  maxFindings: number,
  whatIfNs: readonly bigint[],
  addressNames: AddressNames = NO_NAMES,
): Generator<string> =>
  jsonPieces(withNames(longReport(analysis, maxFindings, whatIfNs), addressNames));

export const jsonText = (document: unknown): string =>
  `${visibleJson(JSON.stringify(document, null, 2))}\n`;

/** One finding a line, made only when it is asked for. */
export function* ndjsonLines(
  analysis: Analysis,
  addressNames: AddressNames = NO_NAMES,
): Generator<string> {
  const names = namesOf(analysis);
  for (const finding of analysis.findings) {
    const row = withNames(findingReport(finding, names), addressNames);
    yield `${visibleJson(JSON.stringify(row))}\n`;
  }
}
