/**
 * The first payloads that were seen of a responder's connections, either side's. What they mean is for whoever knows
 * protocols (prescribe/stack): here they are only found again by responder.
 */
import { GREETING } from '../base/silence.ts';
import { responderKey, responderReader } from './responder.ts';
import { gather, rowsOf } from './rows.ts';

export interface FirstBytes {
  readonly by: 'originator' | 'responder';
  /** The handshake was seen, so nothing of this side came before. */
  readonly fromStart: boolean;
  /** Payload bytes of the segment, of which `bytes` holds the first, at most 32. */
  readonly payload: number;
  readonly bytes: Uint8Array;
}

function inRow(row: DataView): FirstBytes {
  const captured = row.getUint8(GREETING.captured[0]);
  const at = row.byteOffset + GREETING.bytes0[0];
  return {
    by: row.getUint8(GREETING.by[0]) === 0 ? 'originator' : 'responder',
    fromStart: row.getUint8(GREETING.fromStart[0]) === 1,
    payload: row.getUint32(GREETING.payload[0], true),
    bytes: new Uint8Array(row.buffer.slice(at, at + captured)),
  };
}

/** By responderKey. */
export function readFirstBytes(packed: Uint8Array): ReadonlyMap<string, readonly FirstBytes[]> {
  const found = new Map<string, FirstBytes[]>();
  const responderIn = responderReader(GREETING);
  for (const row of rowsOf(packed, GREETING)) {
    gather(found, responderKey(responderIn(row, 0)), inRow(row));
  }
  return found;
}
