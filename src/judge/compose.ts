/**
 * A rule's decision made into a Judgement: every record gets an outcome, every reset in it a cause, and a finding only
 * where there is something to say.
 *
 * Always true: confidence lies in [0, 1]; `box-timeout` is never said without proof of the emitter or a witness; a
 * guess stays at or below 0.5.
 */
import type { SilenceRecord } from '../base/record.ts';
import { ENDING, OUTCOME } from '../base/silence.ts';
import type { Judgement, ResetCause, SilenceOutcome } from './finding.ts';
import { type Decision, Told } from './told.ts';

export { atMost, type Decision, GUESS_AT_MOST, SURE_AT_MOST } from './told.ts';

/** `payloadIdleNs`: given where the silence that matters is the payload's. */
export function decided(
  record: SilenceRecord,
  decision: Decision,
  payloadIdleNs: bigint | null = null,
): Judgement {
  const { signature, verdict } = decision;
  const finding = new Told(record, decision, payloadIdleNs);
  const outcome = verdict === 'endpoint-timer' ? 'closed' : 'killed';
  const cause: ResetCause = verdict === 'burst' ? 'burst' : signature;
  return { record, outcome, resetCauses: causes(record, cause), finding };
}

/** Nothing to report: what became of the silence, and why its reset was sent if there was one. */
export const explained = (
  record: SilenceRecord,
  outcome: SilenceOutcome,
  cause: ResetCause,
): Judgement => ({ record, outcome, resetCauses: causes(record, cause), finding: null });

/** The ending's reset, then the pair's. */
function causes(record: SilenceRecord, cause: ResetCause): readonly ResetCause[] {
  const resets = (record.endingKind === ENDING.rst ? 1 : 0) + (record.pairAtNs !== 0n ? 1 : 0);
  return resets === 0 ? NO_RESETS : resets === 1 ? [cause] : [cause, cause];
}

const NO_RESETS: readonly ResetCause[] = [];

const OUTCOME_NAMES: readonly SilenceOutcome[] = [
  'survived',
  'killed',
  'closed',
  'open',
  'unobserved',
];

export const outcomeName = (record: SilenceRecord): SilenceOutcome =>
  OUTCOME_NAMES[record.outcome] ?? 'open';

export const isCandidate = (record: SilenceRecord): boolean => record.outcome === OUTCOME.killed;
