/** How long each source was blind: capture holes and clock steps, overlapping ones counted once. */
import { BLIND_SPOT } from '../base/silence.ts';
import { seconds } from '../base/units.ts';
import type { Captured } from '../dispatch/merge.ts';
import { gather, rowsOf } from './rows.ts';

interface Span {
  readonly fromNs: bigint;
  readonly untilNs: bigint;
}

function covered(spans: readonly Span[]): bigint {
  let [sum, reached] = [0n, 0n];
  for (const { fromNs, untilNs } of [...spans].sort((a, b) => (a.fromNs < b.fromNs ? -1 : 1))) {
    const from = fromNs > reached ? fromNs : reached;
    if (untilNs <= from) continue;
    sum += untilNs - from;
    reached = untilNs;
  }
  return sum;
}

/** One figure a source, in their order. */
export function blindSeconds({ sources, capturePoints, blindSpots }: Captured): number[] {
  const spans = new Map<number, Span[]>();
  for (const row of rowsOf(blindSpots, BLIND_SPOT)) {
    const point = row.getUint16(BLIND_SPOT.capturePoint[0], true);
    const fromNs = row.getBigUint64(BLIND_SPOT.fromNs[0], true);
    const untilNs = row.getBigUint64(BLIND_SPOT.untilNs[0], true);
    gather(spans, capturePoints[point]?.source ?? 0, { fromNs, untilNs });
  }
  return sources.map((_, source) => seconds(covered(spans.get(source) ?? [])));
}
