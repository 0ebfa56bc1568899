/**
 * One death, several findings: each keeps its id and names the others (`sameAs`), and the connection's tuple on the other
 * side where an address was translated. What was only the echo of a death already proven elsewhere is no finding.
 */
import { TRIGGER } from '../../base/silence.ts';
import { explained } from '../../judge/compose.ts';
import type { Tuple } from '../../judge/finding.ts';
import { resetBefore, tupleThere } from './crossing.ts';
import { sameTuple, type Sighting, tupleOf } from './sighting.ts';
import { amended } from '../../judge/told.ts';
import type { Work } from './work.ts';

/**
 * A FIN that nobody answers, on a connection whose other half a box had reset long before: the application gave up what
 * was dead already.
 */
const isEcho = (sighting: Sighting, { ground, proven }: Work): boolean =>
  sighting.record.triggerKind === TRIGGER.fin &&
  resetBefore(sighting, ground).some(({ index }) => proven.has(index));

function silenceEchoes(work: Work): void {
  const { sightings, settled, proven } = work;
  for (const sighting of sightings) {
    const judgement = settled[sighting.index];
    if (judgement === undefined || judgement.finding === null) continue;
    if (proven.has(sighting.index)) continue;
    if (isEcho(sighting, work)) {
      settled[sighting.index] = explained(judgement.record, 'killed', 'after-fin');
    }
  }
}

function tupleElsewhere(sighting: Sighting, { ground }: Work): Tuple | null {
  const mine = tupleOf(sighting.record);
  for (const twin of ground.twins.of(sighting)) {
    const there = tupleThere(twin);
    if (!sameTuple(mine, there)) return there;
  }
  for (const { to } of ground.routes.from(sighting)) {
    const there = ground.routes.tupleAt(sighting, to);
    if (there !== null && !sameTuple(mine, there)) return there;
  }
  return null;
}

export function linkTwins(work: Work): void {
  silenceEchoes(work);
  const { sightings, settled, ground } = work;
  for (const sighting of sightings) {
    const judgement = settled[sighting.index];
    const finding = judgement?.finding ?? null;
    if (judgement === undefined || finding === null) continue;
    const others = ground.twins.of(sighting).flatMap((twin) => {
      const id = settled[twin.sighting.index]?.finding?.id;
      return id === undefined || id === finding.id ? [] : [id];
    });
    const translated = finding.translated ?? tupleElsewhere(sighting, work);
    if (others.length === 0 && translated === null) continue;
    const linked = amended(finding, {
      ...(others.length === 0 ? {} : { sameAs: [...new Set(others)].sort() }),
      ...(translated === null ? {} : { translated }),
    });
    settled[sighting.index] = { ...judgement, finding: linked };
  }
}
