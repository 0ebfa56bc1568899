/**
 * Names that stay: the same connection cut at the same place has the same id wherever and whenever it is read.
 *
 * A finding's id is a hash of the tuple as seen and of both sides' next sequence numbers at the start of the silence;
 * no clock, no file, no capture point. The two ends are put in order first, because a connection met mid-stream has no
 * known originator and a second agent may have guessed the other way round. A path's id is a hash of its unmerged key.
 */
import type { SilenceRecord } from '../base/record.ts';

/** Two lanes of 32 bits with multipliers of their own, each finished by the mixer of MurmurHash3 (fmix32). */
export function hash64(text: string): string {
  let [a, b] = [0x811c9dc5, 0x9e3779b9];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b) ^ (b >>> 13);
  }
  return hex(mix(a ^ Math.imul(b, 0xcc9e2d51))) + hex(mix(b ^ Math.imul(a, 0x1b873593)));
}

function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const hex = (value: number): string => value.toString(16).padStart(8, '0');

export function findingId(record: SilenceRecord): string {
  const ends = [
    `${record.originatorAddress}|${record.originatorPort}|${record.sides[0].nxt}`,
    `${record.responderAddress}|${record.responderPort}|${record.sides[1].nxt}`,
  ].sort();
  return `f_${hash64(`finding ${record.tunnelKind}/${record.tunnelId} ${ends.join(' ')}`)}`;
}

/**
 * Of the place in both streams alone, not of the tuple: address translation leaves sequence numbers as they are, so the
 * same death seen on the other side of a box has the same name. (Boxes that rewrite them are not seen through.)
 */
export function sequenceName({ sides }: SilenceRecord): string {
  const numbers = [sides[0].nxt, sides[1].nxt].sort((a, b) => a - b);
  return `s_${hash64(`sequence ${numbers.join(' ')}`)}`;
}

/** What can share a box before anybody knows T. */
export interface PathKey {
  readonly capturePoint: number | string;
  readonly tunnelKind: number;
  readonly tunnelId: number;
  readonly responderAddress: string;
  readonly responderPort: number;
  readonly firstSpeaker: 'originator' | 'responder';
  /** Left out or `established`: the same id. */
  readonly tcpState?: 'established' | 'half-closed';
}

export function pathId(key: PathKey): string {
  const parts = [
    key.capturePoint,
    key.tunnelKind,
    key.tunnelId,
    key.responderAddress,
    key.responderPort,
    key.firstSpeaker,
    ...(key.tcpState === 'half-closed' ? [key.tcpState] : []),
  ];
  return `p_${hash64(`path ${parts.join(' ')}`)}`;
}
