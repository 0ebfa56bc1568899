/** One restart, seen at two capture points, is one burst: the first sighting stands for all, with the findings of each. */
import type { Finding, JudgedBurst } from '../../judge/finding.ts';

/** A finding and those that name it have one death: the least of their ids stands for it. */
const deathOf = ({ id, sameAs = [] }: Finding): string => [id, ...sameAs].sort()[0] ?? id;

/** Bursts of one reading that took the same connections, in their order. */
export function sameBursts(
  bursts: readonly JudgedBurst[],
  findings: readonly Finding[],
): readonly JudgedBurst[] {
  if (bursts.length < 2) return bursts;
  const deaths = new Map(findings.map((finding) => [finding.id, deathOf(finding)]));
  const kept: { burst: JudgedBurst; died: Set<string> }[] = [];
  const byReading = new Map<string, typeof kept>();
  for (const burst of bursts) {
    const died = new Set(burst.findingIds.map((id) => deaths.get(id) ?? id));
    const alike = byReading.get(burst.reading) ?? [];
    const same = alike.find((one) => [...died].some((death) => one.died.has(death)));
    if (same === undefined) {
      const fresh = { burst, died };
      kept.push(fresh);
      byReading.set(burst.reading, [...alike, fresh]);
      continue;
    }
    for (const death of died) same.died.add(death);
    const flows = Math.max(same.burst.flows, burst.flows);
    const findingIds = [...new Set([...same.burst.findingIds, ...burst.findingIds])];
    same.burst = { ...same.burst, flows, findingIds };
  }
  return kept.map(({ burst }) => burst);
}
