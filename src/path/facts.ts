/** What is known of a path before anybody estimated its T, and what died all at once. */

/** The idle timeout of the box on a path, as far as its silences tell it. */
export interface PathTimeout {
  readonly status: 'estimated' | 'bounded' | 'refused';
  readonly estimateSeconds: number | null;
  readonly lowSeconds: number | null;
  readonly highSeconds: number | null;
  /** How it was found; null where it was not. */
  readonly basis: string | null;
  /** Why it is not estimated; null where it is. */
  readonly reason: string | null;
}

/** Silences that share responder, capture point and first speaker. */
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

export interface Burst {
  readonly atNs: bigint;
  readonly flows: number;
  readonly reading: string;
  readonly findingIds: readonly string[];
}
