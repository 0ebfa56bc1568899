/**
 * Names that stay: the same connection cut at the same place has the same id wherever and whenever it is read.
 *
 * A finding's id is a hash of the tuple as seen and of both sides' next sequence numbers at the start of the silence;
 * no clock, no file, no capture point. The two ends are put in order first, because a connection met mid-stream has no
 * known originator and a second agent may have guessed the other way round. A path's id is a hash of its unmerged key.
 */
import type { SilenceRecord } from '../base/record.ts';

const MASK = (1n << 64n) - 1n;
/** 64-bit FNV-1a (offset basis and prime of draft-eastlake-fnv), finished by the mixer of MurmurHash3. */
const OFFSET = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;

export function hash64(text: string): string {
  let hash = OFFSET;
  for (let i = 0; i < text.length; i++) {
    hash = ((hash ^ BigInt(text.charCodeAt(i))) * PRIME) & MASK;
  }
  return mix(hash).toString(16).padStart(16, '0');
}

function mix(value: bigint): bigint {
  let h = value;
  h = ((h ^ (h >> 33n)) * 0xff51afd7ed558ccdn) & MASK;
  h = ((h ^ (h >> 33n)) * 0xc4ceb9fe1a85ec53n) & MASK;
  return h ^ (h >> 33n);
}

export function findingId(record: SilenceRecord): string {
  const ends = [
    `${record.originatorAddress}|${record.originatorPort}|${record.sides[0].nxt}`,
    `${record.responderAddress}|${record.responderPort}|${record.sides[1].nxt}`,
  ].sort();
  return `f_${hash64(`finding ${record.tunnelKind}/${record.tunnelId} ${ends.join(' ')}`)}`;
}

/** What can share a box before anybody knows T. */
export interface PathKey {
  readonly capturePoint: number | string;
  readonly tunnelKind: number;
  readonly tunnelId: number;
  readonly responderAddress: string;
  readonly responderPort: number;
  readonly firstSpeaker: 'originator' | 'responder';
}

export function pathId(key: PathKey): string {
  const parts = [
    key.capturePoint,
    key.tunnelKind,
    key.tunnelId,
    key.responderAddress,
    key.responderPort,
    key.firstSpeaker,
  ];
  return `p_${hash64(`path ${parts.join(' ')}`)}`;
}
