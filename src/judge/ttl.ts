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

interface Seen {
  readonly record: SilenceRecord;
  readonly side: SideIndex;
  readonly ttl: number;
}

export interface TtlReading {
  readonly is: 'foreign' | 'handshake-only' | 'own' | 'unseen';
  readonly weight: number;
  readonly tell: (seen: Seen) => string;
}

/** Weights chosen: one clean step is nearly proof, a step with an innocent explanation is a hint. */
const CLEAN_STEP = 0.9;
const STEP_FROM_ONE_SAMPLE = 0.8;
const HANDSHAKE_ONLY = 0.8;
const EXPLAINABLE_STEP = 0.4;
const OWN = 0.5;

const whoOf = ({ record, side }: Seen): string => roleText(record, side);

const UNSEEN: TtlReading = { is: 'unseen', weight: 0, tell: () => 'no TTL to compare with' };
const AS_ITS_OWN: TtlReading = {
  is: 'own',
  weight: OWN,
  tell: (seen) => `TTL ${seen.ttl}, as the ${whoOf(seen)} has`,
};
const AS_COPIES: TtlReading = {
  is: 'own',
  weight: OWN,
  tell: (seen) => `TTL ${seen.ttl}, as mirrored copies of the ${whoOf(seen)}'s packets have`,
};
const asInHandshake = (weight: number): TtlReading => ({
  is: 'handshake-only',
  weight,
  tell: (seen) =>
    `TTL ${seen.ttl} as in the handshake, where the ${whoOf(seen)}'s data have ` +
    `${seen.record.sides[seen.side].ttlData}`,
});
const HANDSHAKE_BY_ROUTE = asInHandshake(EXPLAINABLE_STEP);
const HANDSHAKE_BY_BOX = asInHandshake(HANDSHAKE_ONLY);

const step = (weight: number, explained = ''): TtlReading => ({
  is: 'foreign',
  weight,
  tell: (seen) => `TTL ${seen.ttl} where the ${whoOf(seen)} has ${before(seen)}${explained}`,
});
const AT_SAME_DISTANCE = step(EXPLAINABLE_STEP, ', but at the same distance');
const BESIDE_PROGRAM = step(EXPLAINABLE_STEP, ', a TTL that its program may have set');
const WHICH_VARIES = step(EXPLAINABLE_STEP, ', which varies');
const CLEAN = step(CLEAN_STEP);
const FROM_ONE_SAMPLE = step(STEP_FROM_ONE_SAMPLE);

function before({ record, side }: Seen): string {
  const { ttlHandshake, ttlData } = record.sides[side];
  return [...new Set([ttlHandshake, ttlData])].filter((value) => value !== 0).join(' and ');
}

/** How a packet that carries `side`'s address and this TTL compares with what that side sent before. */
export function readTtl(record: SilenceRecord, side: SideIndex, ttl: number): TtlReading {
  const { ttlHandshake, ttlData, flags } = record.sides[side];
  if (ttl === 0 || (ttlHandshake === 0 && ttlData === 0)) return UNSEEN;
  if (ttl === ttlData || (ttlData === 0 && ttl === ttlHandshake)) return AS_ITS_OWN;
  if (Math.abs(ttl - ttlData) === copyHopsOf(flags)) return AS_COPIES;
  const varies = has(flags, SIDE_FLAG.ttlVaries);
  if (ttl === ttlHandshake) {
    return varies && initialTtl(ttl) === initialTtl(ttlData)
      ? HANDSHAKE_BY_ROUTE
      : HANDSHAKE_BY_BOX;
  }
  const holds = (of: (value: number) => boolean): boolean =>
    (ttlHandshake !== 0 && of(ttlHandshake)) || (ttlData !== 0 && of(ttlData));
  if (holds((value) => sameDistance(value, ttl))) return AT_SAME_DISTANCE;
  if (holds((value) => value <= SET_BY_PROGRAM)) return BESIDE_PROGRAM;
  if (varies && holds((value) => initialTtl(value) === initialTtl(ttl))) return WHICH_VARIES;
  return ttlHandshake !== 0 && ttlData !== 0 ? CLEAN : FROM_ONE_SAMPLE;
}

/** Chosen: no count that a kernel began is down so far when it arrives (32 less 24 hops). */
const SET_BY_PROGRAM = 8;

/** Equal distance from different initial TTLs is one place. */
const sameDistance = (a: number, b: number): boolean => initialTtl(a) - a === initialTtl(b) - b;

/** Initial TTLs in use: 32, 64, 128, 255 (common stacks). A route can change the hops, not where the count began. */
const initialTtl = (ttl: number): number =>
  ttl <= 32 ? 32 : ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255;
