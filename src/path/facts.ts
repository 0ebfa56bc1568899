/** What is known of a path before anybody estimated its T, and what died all at once. */

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
