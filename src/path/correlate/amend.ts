/**
 * Findings that both sides of a box settle: the same finding with its proof in front, a proven emitter and a new sentence;
 * or a finding where one side alone had taken the reset for an application's own.
 */
import type { SilenceRecord } from '../../base/record.ts';
import { ENDING } from '../../base/silence.ts';
import { atMost, decided, SURE_AT_MOST } from '../../judge/compose.ts';
import { resetAnswersTrigger } from '../../judge/connection.ts';
import { locate, together } from '../../judge/emitter.ts';
import type { Evidence, Finding, Judgement, Signature, Tuple } from '../../judge/finding.ts';
import { signatureOf } from '../../judge/late-reset.ts';
import { summarize } from '../../judge/summary.ts';
import { amended } from '../../judge/told.ts';

export interface Settled {
  readonly fact: string;
  /** 0 to 1 */
  readonly weight: number;
  /** Given where the connection came back under another tuple. */
  readonly back?: { readonly as: 'remap' | 'leak'; readonly tuple: Tuple };
}

/** The same finding, changed; the sentence is made anew. */
const told = (changed: Finding): Finding => amended(changed, { summary: summarize(changed) });

function settledFinding(finding: Finding, { fact, weight, back }: Settled): Finding {
  const proof: Evidence = { fact, speaksFor: 'box-timeout', weight };
  const evidence = [proof, ...finding.evidence];
  const because = [fact, ...(finding.emitter.is === 'middlebox' ? finding.emitter.because : [])];
  const changes: Partial<Finding> = {
    verdict: 'box-timeout',
    confidence: atMost(SURE_AT_MOST, together(evidence, 'box-timeout')),
    emitter: { is: 'middlebox', because },
    evidence,
    bothSides: true,
    ...(back === undefined ? {} : { translated: back.tuple, cameBack: back.as }),
  };
  return told(amended(finding, changes));
}

function signatureFor(record: SilenceRecord): Signature {
  if (record.endingKind !== ENDING.rst) return 'expiry-fin';
  return resetAnswersTrigger(record) ? signatureOf(record) : 'expiry-reset';
}

/** A box proven. `overturned`: the judgement alone had seen an endpoint's own doing, or nothing. */
export function settle(judgement: Judgement, settled: Settled): Judgement {
  const { record, finding } = judgement;
  if (finding !== null && finding.signature !== 'idle-close') {
    return { ...judgement, finding: settledFinding(finding, settled) };
  }
  const overturned = decided(record, {
    signature: signatureFor(record),
    verdict: 'box-timeout',
    confidence: settled.weight,
    located: locate,
    evidence: [],
  });
  return overturned.finding === null
    ? judgement
    : { ...overturned, finding: settledFinding(overturned.finding, settled) };
}

/** One more fact; verdict and emitter stay. */
export function remark(judgement: Judgement, evidence: Evidence): Judgement {
  const { finding } = judgement;
  if (finding === null) return judgement;
  return { ...judgement, finding: amended(finding, { evidence: [...finding.evidence, evidence] }) };
}
