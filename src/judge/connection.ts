/**
 * What a record says about its connection, asked in the words of the rules.
 *
 * Everything here is a direct reading of one record; whoever needs the scene is a rule, and stands in its own file.
 */
import { has, type SideIndex, type SideRecord, type SilenceRecord } from '../base/record.ts';
import { ENDING, FLOW_FLAG, SIDE_FLAG, TRIGGER } from '../base/silence.ts';
import type { By, Trigger } from './finding.ts';

export const otherSide = (side: SideIndex): SideIndex => (side === 0 ? 1 : 0);

export const byOf = (side: SideIndex): By => (side === 0 ? 'originator' : 'responder');

export const originatorKnown = (record: SilenceRecord): boolean =>
  has(record.flowFlags, FLOW_FLAG.originatorKnown);

/** The handshake completed, or the connection was met mid-stream and both sides spoke. */
export function established(record: SilenceRecord): boolean {
  const flags = record.flowFlags;
  if (has(flags, FLOW_FLAG.handshakeDone)) return true;
  const bothSpoke = has(flags, FLOW_FLAG.sawSide0) && has(flags, FLOW_FLAG.sawSide1);
  return has(flags, FLOW_FLAG.midStream) && bothSpoke;
}

/**
 * A FIN before the silence, seen or told by an acknowledgement one too high. A FIN that is itself the trigger or the
 * ending came after the silence and does not count.
 */
export function finBefore(record: SilenceRecord): boolean {
  const { sides } = record;
  return (sentFin(sides[0]) && !finIsNew(record, 0)) || (sentFin(sides[1]) && !finIsNew(record, 1));
}

/** Exactly one side had closed before the silence, and its FIN was seen. */
export function halfClosed(record: SilenceRecord): boolean {
  const { sides } = record;
  if (sentFin(sides[0]) === sentFin(sides[1])) return false;
  return has(sides[0].flags | sides[1].flags, SIDE_FLAG.fin);
}

const sentFin = (side: SideRecord): boolean =>
  has(side.flags, SIDE_FLAG.fin | SIDE_FLAG.finInferred);

function finIsNew(record: SilenceRecord, side: SideIndex): boolean {
  if (record.triggerKind === TRIGGER.fin && record.triggerBy === side) return true;
  const ends = record.endingKind === ENDING.fin || record.endingKind === ENDING.finInferred;
  return ends && record.endingBy === side;
}

/** Both halves of the way, as far as they are known; 0 when neither is. */
export const roundTripNs = (record: SilenceRecord): bigint =>
  BigInt(record.sides[0].minRttNs) + BigInt(record.sides[1].minRttNs);

export const silenceNs = (record: SilenceRecord): bigint =>
  notNegative(record.endedAtNs - record.startedAtNs);

/** Trigger to reset; null where one of them is missing. */
export function latencyNs(record: SilenceRecord): bigint | null {
  if (record.triggerAtNs === 0n || record.endingAtNs === 0n) return null;
  return notNegative(record.endingAtNs - record.triggerAtNs);
}

/** How long whoever sent the trigger waited: to the ending, else to the last sign that it still tried. */
export function hangNs(record: SilenceRecord): bigint {
  if (record.triggerAtNs === 0n) return 0n;
  const until = record.endingAtNs !== 0n ? record.endingAtNs : record.lastRetransmissionAtNs;
  return until === 0n ? 0n : notNegative(until - record.triggerAtNs);
}

/** Time from the last payload to the ending; null where no payload was seen. */
export function payloadIdleNs(record: SilenceRecord): bigint | null {
  if (record.lastPayloadAtNs === 0n || record.endingAtNs === 0n) return null;
  return notNegative(record.endingAtNs - record.lastPayloadAtNs);
}

export const endedByReset = (record: SilenceRecord): boolean => record.endingKind === ENDING.rst;

export const triggered = (record: SilenceRecord): boolean => record.triggerKind !== TRIGGER.none;

/** The trigger went one way and the reset came back. */
export const resetAnswersTrigger = (record: SilenceRecord): boolean =>
  triggered(record) && endedByReset(record) && record.endingBy !== record.triggerBy;

const TRIGGER_NAMES: readonly Trigger['kind'][] = [
  'none',
  'data',
  'keepalive',
  'fin',
  'window-probe',
  'ack',
];

export const triggerName = (record: SilenceRecord): Trigger['kind'] =>
  TRIGGER_NAMES[record.triggerKind] ?? 'none';

export const notNegative = (ns: bigint): bigint => (ns < 0n ? 0n : ns);
