/** The same finding in another light: with one more fact, or as part of a burst. */
import { explained } from './compose.ts';
import type { Evidence, Finding, Judgement } from './finding.ts';
import { summarize } from './summary.ts';
import { amended, type Changes, Told } from './told.ts';

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

/** With one more fact, and what follows from it. */
export function retold(finding: Finding, changes: Changes, fact: Evidence): Finding {
  if (finding instanceof Told) return finding.again(changes, fact);
  const told = amended(finding, { ...changes, evidence: [...finding.evidence, fact] });
  return amended(told, { summary: summarize(told) });
}
