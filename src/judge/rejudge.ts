/** A kill that turned out to be part of a burst: the same finding, another verdict. */
import { explained } from './compose.ts';
import type { Evidence, Finding, Judgement } from './finding.ts';
import { summarize } from './summary.ts';
import { amended } from './told.ts';

/** Chosen: five agreeing kills are a good sign, forty are near certain; the emitter stays unproven. */
const SURE_ENOUGH = 0.75;

export function asBurst(finding: Finding, reading: string, flows: number): Judgement {
  const fact: Evidence = {
    fact: `${flows} connections were lost at one instant, and nothing older was answered after it`,
    speaksFor: 'burst',
    weight: 0.6,
  };
  const changed = amended(finding, {
    verdict: 'burst',
    confidence: Math.min(SURE_ENOUGH, 0.5 + 0.025 * (flows - 5)),
    evidence: [...finding.evidence, fact],
  });
  const judged = explained(finding.record, 'killed', 'burst');
  return { ...judged, finding: { ...changed, summary: summarize(changed, reading) } };
}
