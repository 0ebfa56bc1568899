/**
 * Claim: what a reset looks like tells what its sender knew of the connection.
 *
 * stateless  nobody owns the tuple: R alone, sequence number taken from the trigger's ACK, nothing else filled in
 *            (RFC 9293 §3.10.7.1).
 * socket     a live socket aborts: RA whose numbers, window, timestamps or IP-ID continue the sender's own.
 * box        a box with state speaks in the endpoint's name: exact numbers, but from elsewhere or without the
 *            timestamps the flow has.
 * unknown    fits more than one: many stacks send RA with window 0 and no timestamps from live sockets too.
 *
 * What would contradict it: options cut off by a short snaplen are unknown, not absent.
 */
import { has, type SilenceRecord } from '../base/record.ts';
import { ENDING_FLAG, SIDE_FLAG } from '../base/silence.ts';
import { endedByReset, resetAnswersTrigger } from './connection.ts';
import type { ResetForm } from './finding.ts';
import { readTtl } from './ttl.ts';

const ACK = 0x10;

export function resetForm(record: SilenceRecord): ResetForm | null {
  if (!endedByReset(record)) return null;
  if (ownTimestamps(record)) return 'socket';
  const elsewhere = madeElsewhere(record);
  if (resetAnswersTrigger(record)) return answerForm(record, elsewhere);
  if (elsewhere) return 'box';
  if (nextIpId(record) !== null || ownWindow(record)) return 'socket';
  return 'unknown';
}

function answerForm(record: SilenceRecord, elsewhere: boolean): ResetForm {
  const bare = (record.endingTcpFlags & ACK) === 0 && record.endingWindow === 0;
  if (bare && has(record.endingFlags, ENDING_FLAG.seqIsTriggerAck)) return 'stateless';
  if (elsewhere) return 'box';
  return knewTrigger(record) || nextIpId(record) === 1 ? 'socket' : 'unknown';
}

/** The acknowledgement number covers the trigger's bytes: whoever sent it still had the connection. */
export const knewTrigger = (record: SilenceRecord): boolean =>
  (record.endingTcpFlags & ACK) !== 0 && has(record.endingFlags, ENDING_FLAG.ackCoversTrigger);

function madeElsewhere(record: SilenceRecord): boolean {
  const ttl = readTtl(record, record.endingBy, record.endingTtl);
  return ttl.is === 'foreign' || ttl.is === 'handshake-only';
}

const timestamped = (record: SilenceRecord): boolean =>
  has(record.sides[record.endingBy].flags, SIDE_FLAG.timestamps);

/** The ending carries timestamps on a flow that has them, and they do not run backwards (RFC 7323 §5.2). */
export function ownTimestamps(record: SilenceRecord): boolean {
  if (!timestamped(record) || !has(record.endingFlags, ENDING_FLAG.hasTimestamps)) return false;
  return ((record.endingTsval - record.sides[record.endingBy].tsval) | 0) >= 0;
}

/** The flow has timestamps, the ending has none, and the snaplen did not hide them. */
export const timestampsMissing = (record: SilenceRecord): boolean =>
  timestamped(record) &&
  !has(record.endingFlags, ENDING_FLAG.hasTimestamps | ENDING_FLAG.optionsUnknown);

/** A closed socket has no window to repeat, and 0 is what everybody writes: only another number says something. */
const ownWindow = (record: SilenceRecord): boolean =>
  record.endingWindow !== 0 && record.endingWindow === record.sides[record.endingBy].window;

/** Chosen: a counter shared by a busy host's connections moves on, but not far, between two packets of one of them. */
const NEAR_IP_ID = 256;

/** How many steps behind its sender's last IP-ID; null when it does not continue a counter (RFC 6864 lets it be 0). */
export function nextIpId(record: SilenceRecord): number | null {
  const side = record.sides[record.endingBy];
  if (record.ipVersion !== 4 || !has(side.flags, SIDE_FLAG.ipIdCounts)) return null;
  const ahead = (record.endingIpId - side.ipId) & 0xffff;
  return ahead >= 1 && ahead <= NEAR_IP_ID ? ahead : null;
}
