/**
 * What a prescription is made from: a path, how its connections died, and what else goes to the
 * same server.
 */
import type { By, Finding } from '../judge/finding.ts';
import type { FirstBytes } from '../path/first-bytes.ts';

export interface TimeoutKnown {
  readonly status: 'estimated' | 'bounded' | 'refused';
  readonly lowSeconds: number | null;
  readonly highSeconds: number | null;
  /** Why it is not estimated; `endpoint-timer`: it is no box's timeout at all. */
  readonly reason: string | null;
}

export interface Observed {
  readonly seconds: number;
  /** `survived`, or how it was killed */
  readonly outcome: string;
  readonly count: number;
}

export interface PathKnown {
  readonly responderAddress: string;
  readonly responderPort: number;
  readonly ipVersion: number;
  readonly capturePoint: number;
  readonly firstSpeaker: By;
  readonly tcpState: 'established' | 'half-closed';
  readonly survived: number;
  /** Survivors that an answered keepalive probe had broken. */
  readonly survivedByKeepalive: number;
  readonly probedEverySeconds: number | null;
  readonly longestSurvivedNs: bigint | null;
  readonly timeout: TimeoutKnown;
  readonly endpointTimerSeconds: number | null;
  readonly observations: readonly Observed[];
  /** First payloads of connections on it. */
  readonly firstBytes?: readonly FirstBytes[];
}

export interface PathCase {
  readonly path: PathKnown;
  /** Cut by a box, surely or possibly. */
  readonly kills: readonly Finding[];
  /** Ended by the idle timer of an application or a proxy. */
  readonly closes: readonly Finding[];
  /** Paths to the same server, itself included. */
  readonly others: readonly PathKnown[];
}

/**
 * What fits the time since the last payload is a program's or a proxy's timer, whoever sent the
 * resets.
 */
export const isEndpointTimer = ({ path }: PathCase): boolean =>
  path.timeout.reason === 'endpoint-timer';
