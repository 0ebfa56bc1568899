/** What is known of a path: what was seen on it, how long its box waits, and what died all at once. */
import type { FirstBytes } from './first-bytes.ts';

export const TIMEOUT_STATUSES = ['estimated', 'bounded', 'refused'] as const;
export type TimeoutStatus = (typeof TIMEOUT_STATUSES)[number];

/** exact: resets at expiry · change-point: survivors against kills · bound: one of the two alone. */
export const TIMEOUT_BASES = ['exact', 'change-point', 'bound'] as const;
export type TimeoutBasis = (typeof TIMEOUT_BASES)[number];

/** Why there is no estimate. Stable: programs compare them; docs/method.md explains each. */
export const TIMEOUT_REASONS = [
  'nothing-killed',
  'nothing-survived',
  'too-few',
  'one-moment',
  'no-bracket',
  'no-dependence',
  'several-steps',
  'endpoint-timer',
] as const;
export type TimeoutReason = (typeof TIMEOUT_REASONS)[number];

/** The idle timeout of the box on a path, in seconds. `reason` is null exactly when it is estimated. */
export interface Timeout {
  readonly status: TimeoutStatus;
  readonly estimateSeconds: number | null;
  /** 95 % interval; of a bounded timeout one side may be null. */
  readonly lowSeconds: number | null;
  readonly highSeconds: number | null;
  readonly basis: TimeoutBasis | null;
  readonly reason: TimeoutReason | null;
}

/** An unmerged path: what can share a box before anybody knows T. */
export interface PathMember {
  readonly id: string;
  readonly responderAddress: string;
  readonly responderPort: number;
  readonly firstSpeaker: 'originator' | 'responder';
  readonly killed: number;
  readonly survived: number;
}

/** One outcome's silences of (nearly) one length. */
export interface ObservedSilences {
  readonly seconds: number;
  /** `survived`, or the signature of the kill; of undecided ones `open`, `unobserved`. */
  readonly outcome: string;
  readonly count: number;
}

/**
 * Silences that share responder, capture point, tunnel, first speaker and TCP state; several such, where they have one T.
 */
export interface PathFacts {
  /** Hash of the unmerged key; of merged ones, that of the member with the most kills. */
  readonly id: string;
  readonly responderAddress: string;
  readonly responderPort: number;
  readonly ipVersion: number;
  readonly capturePoint: number;
  readonly tunnelId: number;
  readonly tunnelKind: number;
  readonly firstSpeaker: 'originator' | 'responder';
  readonly tcpState: 'established' | 'half-closed';
  readonly killed: number;
  readonly survived: number;
  /** Survivors that a keepalive probe had broken: it was answered, so it crossed the box. */
  readonly survivedByKeepalive: number;
  /** How far apart such probes were; null where there were none. */
  readonly probedEverySeconds: number | null;
  readonly longestSurvivedNs: bigint | null;
  readonly shortestKilledNs: bigint | null;
  readonly findingIds: readonly string[];
  readonly timeout: Timeout;
  /** The threshold is no accident: see estimate/significance.ts. */
  readonly significant: boolean;
  /** Two where silences are cut at two lengths (two boxes side by side): the smaller binds. Else empty. */
  readonly stepsSeconds: readonly number[];
  /** The idle timer of an application or proxy on this path, the commonest where there are several. */
  readonly endpointTimerSeconds: number | null;
  /** By length, then outcome; survivors are exact to 1 %, see bins.ts. */
  readonly observations: readonly ObservedSilences[];
  /** The same of silences that are open or were not observed: no estimate looks at them. */
  readonly undecided: readonly ObservedSilences[];
  /** All that were merged into this path, itself included: the most kills first. */
  readonly members: readonly PathMember[];
  /** Of connections to its responders: what tells the protocol. */
  readonly firstBytes?: readonly FirstBytes[];
}

export interface Burst {
  readonly atNs: bigint;
  readonly flows: number;
  readonly reading: string;
  readonly findingIds: readonly string[];
}
