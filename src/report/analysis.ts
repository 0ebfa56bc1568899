/** What an analysis hands to the report: everything found and everything counted, before any text is made of it. */
import type { CapturePointFacts, Counters, SourceFacts } from '../capture/addon.ts';
import type { Finding, ResetCause, SilenceOutcome } from '../judge/finding.ts';

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
  readonly paths: readonly PathFacts[];
  readonly bursts: readonly Burst[];
  /** Seconds in which the capture was blind (holes, clock steps), per source. */
  readonly blindSeconds: readonly number[];
}

export interface Burst {
  readonly atNs: bigint;
  readonly flows: number;
  readonly reading: string;
  readonly findingIds: readonly string[];
}

/** A path before anybody estimated its T: silences that share responder, capture point and first speaker. */
export interface PathFacts {
  readonly id: string;
  readonly responderAddress: string;
  readonly responderPort: number;
  readonly ipVersion: number;
  readonly capturePoint: number;
  readonly tunnelId: number;
  readonly tunnelKind: number;
  readonly firstSpeaker: 'originator' | 'responder';
  readonly killed: number;
  readonly survived: number;
  readonly longestSurvivedNs: bigint | null;
  readonly shortestKilledNs: bigint | null;
  readonly findingIds: readonly string[];
}

const FRAMES_PER_SOURCE = 2 ** 40;

/** Where a frame is: a record's frame number → source and the number Wireshark counts; null for "none". */
export function locateFrame(number: number): { source: number; frame: number } | null {
  if (number <= 0) return null;
  return { source: Math.floor(number / FRAMES_PER_SOURCE), frame: number % FRAMES_PER_SOURCE };
}
