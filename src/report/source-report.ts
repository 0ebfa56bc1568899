/**
 * A source as programs read it: what was in it, what became of every frame, and whether it was read
 * to its end.
 */
import { rfc3339 } from '../base/units.ts';
import type { SourceFacts } from '../capture/addon.ts';
import type { Analysis } from './analysis.ts';
import { linkTypeName } from './link-types.ts';
import type { SourceReport } from './schema.ts';

/** Frames that held no TCP segment, by reason; reasons that did not occur are left out. */
export function skippedFrames(source: SourceFacts): Record<string, number> {
  const skipped = Object.entries(source.fates).filter(
    ([fate, count]) => fate !== 'tcp' && count > 0,
  );
  return Object.fromEntries(skipped);
}

function linkTypes(index: number, { capturePoints }: Analysis): string[] {
  const points = capturePoints.filter(({ sources }) => sources.includes(index));
  return [...new Set(points.map((point) => linkTypeName(point.linkType)))];
}

export function sourceReport(source: SourceFacts, index: number, analysis: Analysis): SourceReport {
  const at = (ns: bigint) => (source.frames === 0 ? null : rfc3339(ns));
  return {
    name: source.name,
    format: source.format,
    linkTypes: linkTypes(index, analysis),
    packets: source.frames,
    tcpPackets: source.fates['tcp'] ?? 0,
    filteredPackets: source.filtered,
    firstAt: at(source.firstAtNs),
    lastAt: at(source.lastAtNs),
    skipped: skippedFrames(source),
    droppedPackets: source.dropped,
    badRecords: source.badRecords,
    blindSeconds: analysis.blindSeconds[index] ?? 0,
    complete: source.complete,
    problem: source.problem === null ? null : { ...source.problem },
  };
}
