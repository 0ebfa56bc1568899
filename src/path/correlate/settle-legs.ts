/** Idle timers whose closes come in pairs become a proxy's. */
import { atMost, SURE_AT_MOST } from '../../judge/compose.ts';
import type { Judgement } from '../../judge/finding.ts';
import { summarize } from '../../judge/summary.ts';
import { amended } from '../../judge/told.ts';
import { durationText } from '../../judge/words.ts';
import type { Clocks } from './clocks.ts';
import { tupleText } from './sighting.ts';
import { findLegs, type Leg } from './two-legs.ts';

/** Chosen: three pairs are hardly chance, and the timer itself is proven by its cluster. */
const A_PROXY = 0.9;

function withLeg(judgement: Judgement, { tuple, apartNs, pairs }: Leg): Judgement {
  const { finding } = judgement;
  if (finding === null) return judgement;
  const fact =
    `a proxy: it closed its other leg, ${tupleText(tuple)}, within ${durationText(apartNs)} of this one, ` +
    `as with ${pairs} connections here`;
  const changed = amended(finding, {
    confidence: atMost(SURE_AT_MOST, Math.max(A_PROXY, finding.confidence)),
    emitter: { is: 'endpoint', because: [fact, ...finding.emitter.because] },
    evidence: [{ fact, speaksFor: 'endpoint-timer', weight: A_PROXY }, ...finding.evidence],
    otherLeg: tuple,
  });
  return { ...judgement, finding: amended(changed, { summary: summarize(changed) }) };
}

export function settleLegs(settled: Judgement[], clocks: Clocks): void {
  for (const [index, leg] of findLegs(settled, clocks)) {
    const judgement = settled[index];
    if (judgement !== undefined) settled[index] = withLeg(judgement, leg);
  }
}
