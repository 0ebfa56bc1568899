/**
 * Claim: the TTL of a reset or FIN tells whether it was made where its sender's other packets are made.
 *
 * Why: every router takes one off, so packets from one place arrive with one TTL. What would contradict it: a route
 * that changes within the flow (SIDE_FLAG.ttlVaries; it moves hops, never the initial TTL), or a stack that starts its resets at another initial TTL than
 * its data (same distance, 253 beside 62) — then the step alone proves nothing.
 * So does a program that sends its packets with a TTL of its own (eBGP: 1, RFC 5082 tells of both habits): its kernel's resets have the usual one.
 * A mirror's copy made a hop further has another TTL; where copies of that side were seen so, a reset may be one (the
 * original lost, or behind it).
 * A load balancer that answers the handshake itself has one TTL on SYN-ACK and reset, the server behind it another on
 * data: a match with the handshake alone points to the box.
 *
 *   server > client  SYN ACK ttl 62 · server > client data ttl 62 · … · server > client RST ttl 64   → foreign
 */
import { has, type SideIndex, type SilenceRecord } from '../base/record.ts';
import { copyHopsOf, SIDE_FLAG } from '../base/silence.ts';
import { roleText } from './words.ts';

export type TtlReading =
  | { readonly is: 'foreign'; readonly fact: string; readonly weight: number }
  | { readonly is: 'handshake-only'; readonly fact: string; readonly weight: number }
  | { readonly is: 'own'; readonly fact: string; readonly weight: number }
  | { readonly is: 'unseen' };

/** Weights chosen: one clean step is nearly proof, a step with an innocent explanation is a hint. */
const CLEAN_STEP = 0.9;
const STEP_FROM_ONE_SAMPLE = 0.8;
const HANDSHAKE_ONLY = 0.8;
const EXPLAINABLE_STEP = 0.4;
const OWN = 0.5;

/** How a packet that carries `side`'s address and this TTL compares with what that side sent before. */
export function readTtl(record: SilenceRecord, side: SideIndex, ttl: number): TtlReading {
  const { ttlHandshake, ttlData } = record.sides[side];
  if (ttl === 0 || (ttlHandshake === 0 && ttlData === 0)) return { is: 'unseen' };
  const who = roleText(record, side);
  if (ttl === ttlData || (ttlData === 0 && ttl === ttlHandshake)) {
    return { is: 'own', fact: `TTL ${ttl}, as the ${who} has`, weight: OWN };
  }
  if (Math.abs(ttl - ttlData) === copyHopsOf(record.sides[side].flags)) {
    return {
      is: 'own',
      fact: `TTL ${ttl}, as mirrored copies of the ${who}'s packets have`,
      weight: OWN,
    };
  }
  if (ttl === ttlHandshake) {
    const byRoute = varies(record, side) && initialTtl(ttl) === initialTtl(ttlData);
    return {
      is: 'handshake-only',
      fact: `TTL ${ttl} as in the handshake, where the ${who}'s data have ${ttlData}`,
      weight: byRoute ? EXPLAINABLE_STEP : HANDSHAKE_ONLY,
    };
  }
  return { is: 'foreign', ...step(record, side, ttl) };
}

function step(
  record: SilenceRecord,
  side: SideIndex,
  ttl: number,
): { fact: string; weight: number } {
  const { ttlHandshake, ttlData } = record.sides[side];
  const seen = [...new Set([ttlHandshake, ttlData])].filter((value) => value !== 0);
  const fact = `TTL ${ttl} where the ${roleText(record, side)} has ${seen.join(' and ')}`;
  if (seen.some((value) => sameDistance(value, ttl))) {
    return { fact: `${fact}, but at the same distance`, weight: EXPLAINABLE_STEP };
  }
  if (seen.some((value) => value <= SET_BY_PROGRAM)) {
    return { fact: `${fact}, a TTL that its program may have set`, weight: EXPLAINABLE_STEP };
  }
  if (varies(record, side) && seen.some((value) => initialTtl(value) === initialTtl(ttl))) {
    return { fact: `${fact}, which varies`, weight: EXPLAINABLE_STEP };
  }
  const bothSeen = ttlHandshake !== 0 && ttlData !== 0;
  return { fact, weight: bothSeen ? CLEAN_STEP : STEP_FROM_ONE_SAMPLE };
}

/** Chosen: no count that a kernel began is down so far when it arrives (32 less 24 hops). */
const SET_BY_PROGRAM = 8;

/** Equal distance from different initial TTLs is one place. */
const sameDistance = (a: number, b: number): boolean => initialTtl(a) - a === initialTtl(b) - b;

/** Initial TTLs in use: 32, 64, 128, 255 (common stacks). A route can change the hops, not where the count began. */
const initialTtl = (ttl: number): number => [32, 64, 128].find((initial) => ttl <= initial) ?? 255;

const varies = (record: SilenceRecord, side: SideIndex): boolean =>
  has(record.sides[side].flags, SIDE_FLAG.ttlVaries);
