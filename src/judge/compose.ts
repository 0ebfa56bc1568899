/**
 * A rule's decision made into a Judgement: every record gets an outcome, every reset in it a cause, and a finding only
 * where there is something to say.
 *
 * Always true: confidence lies in [0, 1]; `box-timeout` is never said without proof of the emitter or a witness; a
 * guess stays at or below 0.5.
 */
import type { SilenceRecord } from '../base/record.ts';
import { ENDING, OUTCOME } from '../base/silence.ts';
import { byOf, hangNs, latencyNs, silenceNs, triggered, triggerName } from './connection.ts';
import type { Located } from './emitter.ts';
import type {
  Ending,
  Evidence,
  Finding,
  Judgement,
  ResetCause,
  SilenceOutcome,
  Signature,
  Trigger,
  Verdict,
} from './finding.ts';
import { findingId } from './identity.ts';
import { summarize } from './summary.ts';
import { durationText } from './words.ts';

/** One rule: a judgement, or null where the rule has nothing to say. */
export interface Decision {
  readonly signature: Signature;
  readonly verdict: Verdict;
  readonly confidence: number;
  readonly located: Located;
  readonly evidence: readonly Evidence[];
  /** Given where the silence that matters is the payload's: idle time of the payload clock. */
  readonly payloadIdleNs?: bigint;
  /** see Finding */
  readonly heardLater?: boolean | null;
}

/** A guess is never more than even odds; even proof leaves room for what the capture point cannot see. */
export const GUESS_AT_MOST = 0.5;
export const SURE_AT_MOST = 0.98;

export const atMost = (limit: number, value: number): number =>
  Math.round(Math.min(limit, Math.max(0, value)) * 100) / 100;

export function decided(record: SilenceRecord, decision: Decision): Judgement {
  const { signature, verdict, located, evidence } = decision;
  const cause: ResetCause = verdict === 'burst' ? 'burst' : signature;
  const bare: Omit<Finding, 'summary'> = {
    id: findingId(record),
    signature,
    verdict,
    confidence: atMost(SURE_AT_MOST, decision.confidence),
    trigger: triggerOf(record),
    ending: endingOf(record, located),
    emitter: located.emitter,
    // Words are made when somebody reads them: a capture may hold ten thousand closes of one timer.
    get evidence() {
      return [...located.evidence, ...evidence, ...cameBack(record)];
    },
    silenceNs: decision.payloadIdleNs ?? silenceNs(record),
    clock: decision.payloadIdleNs === undefined ? 'packet' : 'payload',
    record,
    ...(decision.heardLater === undefined ? {} : { heardLater: decision.heardLater }),
  };
  const finding: Finding = Object.defineProperty(bare as Finding, 'summary', {
    get: () => summarize(bare),
    enumerable: true,
  });
  const outcome = verdict === 'endpoint-timer' ? 'closed' : 'killed';
  return { record, outcome, resetCauses: causes(record, cause), finding };
}

/** A client that comes back shows that it was not done, and how much time it lost. */
function cameBack(record: SilenceRecord): readonly Evidence[] {
  if (record.reconnectedAtNs === 0n) return [];
  const since = record.endingAtNs === 0n ? record.triggerAtNs : record.endingAtNs;
  const fact = `the client connected again ${durationText(record.reconnectedAtNs - since)} later, from port ${record.reconnectPort}`;
  return [{ fact, speaksFor: 'box-timeout', weight: 0.05 }];
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
  return Array.from({ length: resets }, () => cause);
}

const triggerOf = (record: SilenceRecord): Trigger => ({
  kind: triggerName(record),
  by: triggered(record) ? byOf(record.triggerBy) : null,
  payloadBytes: triggered(record) ? record.triggerPayload : 0,
  retransmissions: record.retransmissions,
});

function endingOf(record: SilenceRecord, located: Located): Ending {
  const hang = hangNs(record);
  if (record.endingKind === ENDING.none) {
    return { kind: 'none', by: null, form: null, atNs: null, latencyNs: null, hangNs: hang };
  }
  return {
    kind: record.endingKind === ENDING.rst ? 'rst' : 'fin',
    by: byOf(record.endingBy),
    get form() {
      return located.form;
    },
    atNs: record.endingAtNs,
    latencyNs: record.endingBy === record.triggerBy ? null : latencyNs(record),
    hangNs: hang,
  };
}

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
