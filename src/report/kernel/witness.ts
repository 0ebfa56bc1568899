/**
 * The kernel as a witness: the gateway that captures also kept the connections, so its own table says when it forgot one.
 *
 * A row that went after its configured time, with the connection open, proves that this box forgot it. A row that went
 * earlier proves the opposite of a timeout: it was flushed, pushed out of a full table, or had a shorter timer of its own. An
 * end comes with the next packet or the garbage collection, so it bounds the timeout from above and never fixes it.
 */
import { ROW_STATES, type RowEnd, type RowEnds } from '../../host/row-ends.ts';
import type { ConntrackSettings } from '../../host/conntrack-events.ts';
import { seconds } from '../../base/units.ts';
import { atMost, SURE_AT_MOST } from '../../judge/compose.ts';
import { together } from '../../judge/emitter.ts';
import type { Evidence, Finding } from '../../judge/finding.ts';
import { summarize } from '../../judge/summary.ts';
import { amended } from '../../judge/told.ts';
import type { Analysis } from '../analysis.ts';

export interface Kernel {
  readonly settings: ConntrackSettings;
  readonly ends: Pick<RowEnds, 'endOf' | 'hasRowsTo' | 'counts'>;
  /** How often events were lost. */
  readonly overruns: number;
  /** Listened to since then, CLOCK_REALTIME. */
  readonly sinceNs: bigint;
}

/**
 * Chosen: events are read every 50 ms, and a busy machine reads them later. An end this much after the trigger was still
 * caused by it; the same tolerance holds before a row's time is up.
 */
const SLACK_NS = 1_000_000_000n;

/** The end of the connection's row after the silence began, up to what broke it. */
export function rowEndOf({ record }: Finding, kernel: Pick<Kernel, 'ends'>): RowEnd | null {
  const broken = record.triggerAtNs > 0n ? record.triggerAtNs : record.endedAtNs;
  return kernel.ends.endOf(record, record.startedAtNs, broken + SLACK_NS);
}

/** Seconds from the last packet to the end of the row: the timeout is no longer than this. */
export const rowLivedSeconds = ({ record }: Finding, end: RowEnd): number =>
  Math.round(seconds(end.atNs - record.startedAtNs) * 1000) / 1000;

const CLOSE_WAIT = 5;

/** What the namespace is set to for a row in that state; null where it is not known. */
export function configuredSeconds(
  state: number | null,
  settings: ConntrackSettings,
): number | null {
  if (state === CLOSE_WAIT) return settings.closeWaitSeconds;
  return state === null || state === 3 ? settings.establishedSeconds : null;
}

const stateText = ({ state }: RowEnd): string =>
  state === null ? '' : `, in state ${ROW_STATES[state] ?? state}`;

/** It ended before its time was up: no timeout, whatever it was. */
export function isEarly(finding: Finding, end: RowEnd, settings: ConntrackSettings): boolean {
  const configured = configuredSeconds(end.state, settings);
  return configured !== null && rowLivedSeconds(finding, end) + seconds(SLACK_NS) < configured;
}

function evidenceOf(finding: Finding, end: RowEnd, settings: ConntrackSettings): Evidence {
  const lived = rowLivedSeconds(finding, end);
  const configured = configuredSeconds(end.state, settings);
  const dropped = `this gateway's kernel dropped its row ${lived} s after the last packet${stateText(end)}`;
  if (isEarly(finding, end, settings)) {
    const fact = `${dropped}, before the configured ${configured} s: flushed, pushed out of a full table, or a shorter timer of its own`;
    return { fact, speaksFor: 'not-a-timeout', weight: 0.5 };
  }
  const set = configured === null ? '' : ` (configured: ${configured} s)`;
  return { fact: `${dropped}${set}: T ≤ ${lived} s`, speaksFor: 'box-timeout', weight: 0.9 };
}

/** What the application or a restarted peer did is not changed by what the table forgot besides. */
const isTheBoxs = ({ verdict }: Finding): boolean =>
  verdict === 'box-timeout' || verdict === 'possible-box-timeout';

/** Its row ended by its timeout: what the estimate of T may build on. */
export function provesTimeout(
  finding: Finding,
  kernel: Pick<Kernel, 'ends' | 'settings'>,
): boolean {
  const end = rowEndOf(finding, kernel);
  return end !== null && !isEarly(finding, end, kernel.settings);
}

/** The finding with what the kernel says of it; the same one where it says nothing. */
export function witnessed(finding: Finding, kernel: Kernel): Finding {
  const end = rowEndOf(finding, kernel);
  if (end === null) return finding;
  const said = evidenceOf(finding, end, kernel.settings);
  // What both sides of the box prove stays in front.
  const evidence = finding.bothSides
    ? [...finding.evidence.slice(0, 1), said, ...finding.evidence.slice(1)]
    : [said, ...finding.evidence];
  if (said.speaksFor !== 'box-timeout' || !isTheBoxs(finding))
    return amended(finding, { evidence });
  const because = finding.emitter.is === 'middlebox' ? finding.emitter.because : [];
  const sure = atMost(SURE_AT_MOST, together(evidence, 'box-timeout'));
  const proven = amended(finding, {
    verdict: 'box-timeout',
    confidence: Math.max(finding.confidence, sure),
    emitter: { is: 'middlebox', because: [...because, said.fact] },
    evidence,
  });
  return amended(proven, { summary: summarize(proven) });
}

/** An analysis of this gateway's own packets, with its kernel as a witness. */
export const withKernel = (analysis: Analysis, kernel: Kernel): Analysis => ({
  ...analysis,
  kernel,
  findings: analysis.findings.map((finding) => witnessed(finding, kernel)),
});
