/** A judged record without a rule behind it: what path/ groups and counts. */
import type { Finding, Judgement, ResetCause, Verdict } from '../../src/judge/finding.ts';
import type { SilenceRecord } from '../../src/base/record.ts';

export function finding(
  id: string,
  verdict: Verdict,
  record: SilenceRecord,
  silenceNs = 0n,
): Finding {
  return {
    id,
    signature: 'late-reset',
    verdict,
    confidence: 0.9,
    trigger: {
      kind: 'data',
      by: record.triggerBy === 0 ? 'originator' : 'responder',
      payloadBytes: 1,
      retransmissions: 0,
    },
    ending: {
      kind: 'rst',
      by: 'responder',
      form: 'stateless',
      atNs: null,
      latencyNs: null,
      hangNs: 0n,
    },
    emitter: { is: 'unknown', because: [] },
    evidence: [],
    summary: '',
    silenceNs,
    clock: 'packet',
    record,
  };
}

export const judgement = (
  record: SilenceRecord,
  outcome: Judgement['outcome'],
  resetCauses: readonly ResetCause[] = [],
  found: Finding | null = null,
): Judgement => ({ record, outcome, resetCauses, finding: found });
