/** Kills that one side of the box shows and the other does not; and those that both show, which came from beyond it. */
import type { SilenceRecord } from '../../base/record.ts';
import { ENDING, SILENCE_KIND } from '../../base/silence.ts';
import { endedByReset, triggered } from '../../judge/connection.ts';
import type { Evidence, Judgement } from '../../judge/finding.ts';
import { gate } from '../../judge/gate.ts';
import { remark, settle } from './amend.ts';
import { crossed, endedInside, type Proof } from './crossing.ts';
import type { Work } from './work.ts';

const isKill = ({ finding }: Judgement): boolean =>
  finding?.verdict === 'box-timeout' || finding?.verdict === 'possible-box-timeout';

/** What one side took for an endpoint's own doing: an abort, or its idle timer. */
function mayBeOverturned({ record, finding, resetCauses }: Judgement, { scene }: Work): boolean {
  if (record.kind !== SILENCE_KIND.packet || gate(record, scene) !== null) return false;
  if (finding !== null) return finding.signature === 'idle-close';
  return endedByReset(record) && resetCauses[0] === 'abort';
}

/** Nobody answered, or the one who asked gave up: nothing was made inside the box, something was lost there. */
const unanswered = (record: SilenceRecord): boolean =>
  record.endingKind === ENDING.none || (triggered(record) && record.endingBy === record.triggerBy);

function proofText(record: SilenceRecord, proof: Proof, { name }: Work): string {
  const [here, there] = [name(record.capturePoint), name(proof.point)];
  const silent = proof.assumed ? ` (nothing later at all is in ${there})` : '';
  if (unanswered(record)) {
    const tries = record.retransmissions + 1;
    const sent = tries === 1 ? '1 packet' : `${tries} packets`;
    return `dropped inside the box: ${sent} went in at ${here} and never came out at ${there}${silent}`;
  }
  const what = record.endingKind === ENDING.fin ? 'FIN' : 'reset';
  const seen = `made inside the box: the ${what} appears at ${here} and never at ${there}`;
  return triggered(record) ? `${seen}, nor does what it answers${silent}` : `${seen}${silent}`;
}

function crossingFact(here: string, there: string): Evidence {
  return {
    fact: `the same reset was seen at ${here} and at ${there}: it came through what stands between them, not from it`,
    speaksFor: 'endpoint',
    weight: 0.3,
  };
}

export function settleCrossings(work: Work): void {
  const { sightings, settled, ground, proven, name } = work;
  for (const sighting of sightings) {
    const { index, record } = sighting;
    const judgement = settled[index];
    if (judgement === undefined || proven.has(index)) continue;
    if (!isKill(judgement) && !mayBeOverturned(judgement, work)) continue;
    const proof = endedInside(sighting, ground);
    if (proof !== null) {
      const fact = proofText(record, proof, work);
      settled[index] = settle(judgement, { fact, weight: proof.weight });
      proven.add(index);
      continue;
    }
    const same = endedByReset(record) ? crossed(sighting, ground) : null;
    if (same === null || !isKill(judgement)) continue;
    const fact = crossingFact(name(sighting.point), name(same.sighting.point));
    settled[index] = remark(judgement, fact);
  }
}
