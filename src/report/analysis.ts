/**
 * What an analysis hands to the report: everything found and everything counted, before any text is
 * made of it.
 */
import { shortNames } from '../base/short-names.ts';
import { findingsOn } from '../path/settle.ts';
import type { CapturePointFacts, Counters, SourceFacts } from '../capture/addon.ts';
import type { Finding, ResetCause, SilenceOutcome } from '../judge/finding.ts';
import type { SourceClock } from '../path/correlate/clocks.ts';
import type { Burst, PathFacts } from '../path/facts.ts';
import type { Kernel } from './kernel/witness.ts';
import type { Logged } from './log/match.ts';

export type { Burst, PathFacts };

export interface Analysis {
  readonly shortestNs: bigint;
  readonly sources: readonly SourceFacts[];
  readonly capturePoints: readonly CapturePointFacts[];
  readonly counters: Counters;
  /** Every reset has one cause; they add up to the resets seen. */
  readonly resetsByCause: Readonly<Partial<Record<ResetCause, number>>>;
  /** observed = the sum of the five. */
  readonly silences: Readonly<Record<SilenceOutcome, number>>;
  /** In the order of their endings; ties by frame, then tuple. */
  readonly findings: readonly Finding[];
  /** Findings of a capture of days that are counted but not listed any more. */
  readonly forgotten?: number;
  /** How often each finding was told before, by id; none: this is the first time. */
  readonly updates?: ReadonlyMap<string, number>;
  readonly paths: readonly PathFacts[];
  readonly bursts: readonly Burst[];
  /** Seconds in which the capture was blind (holes, clock steps), per source. */
  readonly blindSeconds: readonly number[];
  /** What programs logged, where somebody gave their logs. */
  readonly logged?: Logged;
  /** What the connection table of the capturing gateway knows (`watch --conntrack`). */
  readonly kernel?: Kernel;
  /** Of captures read together: how far each source's clock is ahead of the first one's. */
  readonly together?: readonly SourceClock[];
}

/**
 * One death may be seen at two capture points under the same id: a finding's id and its place are
 * unique.
 */
export const placeKey = (id: string, { capturePoint }: { readonly capturePoint: number }): string =>
  `${id}@${capturePoint}`;

const shortened = new WeakMap<readonly SourceFacts[], readonly string[]>();

/** What sources are called in a sentence. */
export function sourceNames({ sources }: Analysis): readonly string[] {
  const known = shortened.get(sources);
  if (known !== undefined) return known;
  const names = shortNames(sources.map(({ name }) => name));
  shortened.set(sources, names);
  return names;
}

/** What a capture point is called; of captures read together, else, by its file. Null where there is no name. */
export function pointName(analysis: Analysis, index: number): string | null {
  const point = analysis.capturePoints[index];
  if (point?.name) return point.name;
  const apart = (analysis.together ?? []).length > 0;
  const file = apart ? sourceNames(analysis)[point?.source ?? 0] : undefined;
  return file || null;
}

const FRAMES_PER_SOURCE = 2 ** 40;

/**
 * Where a frame is: a record's frame number → source and the number Wireshark counts; null for
 * "none".
 */
export function locateFrame(number: number): { source: number; frame: number } | null {
  if (number <= 0) return null;
  return { source: Math.floor(number / FRAMES_PER_SOURCE), frame: number % FRAMES_PER_SOURCE };
}

/** What was found on a path: as it was settled there, else by the ids that it names. */
export function findingsOf(analysis: Analysis, path: PathFacts): readonly Finding[] {
  const byPlace = (): ReadonlyMap<string, Finding> => findingsByPlace(analysis);
  return (
    findingsOn(path) ?? path.findingIds.flatMap((id) => byPlace().get(placeKey(id, path)) ?? [])
  );
}

const placed = new WeakMap<readonly Finding[], ReadonlyMap<string, Finding>>();

/** Findings by id and capture point; made once for one list, however many sections ask. */
export function findingsByPlace({ findings }: Analysis): ReadonlyMap<string, Finding> {
  let map = placed.get(findings);
  if (map === undefined) {
    map = new Map(findings.map((finding) => [placeKey(finding.id, finding.record), finding]));
    placed.set(findings, map);
  }
  return map;
}
