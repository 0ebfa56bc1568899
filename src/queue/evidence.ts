/**
 * Carved packets that travel with a finding: a pcapng file of at most EVIDENCE_BYTES. Of a longer one go its headers
 * and as many of its last packets as fit, because they show the end.
 */
import { EVIDENCE_BYTES } from './names.ts';

/** Section header and interface description (pcapng, draft-ietf-opsawg-pcapng, sections 4.1 and 4.2). */
const HEADERS: readonly number[] = [0x0a0d0d0a, 1];

interface Block {
  readonly type: number;
  readonly bytes: Buffer;
}

/** Little-endian sections, as we write them; null for anything else. */
function blocksOf(file: Buffer): Block[] | null {
  const blocks: Block[] = [];
  for (let at = 0; at < file.length; ) {
    if (at + 12 > file.length) return null;
    const length = file.readUInt32LE(at + 4);
    if (length < 12 || at + length > file.length) return null;
    blocks.push({ type: file.readUInt32LE(at), bytes: file.subarray(at, at + length) });
    at += length;
  }
  return blocks;
}

/** Null where nothing of it can go. */
export function fittingEvidence(file: Uint8Array, most = EVIDENCE_BYTES): Uint8Array | null {
  if (file.byteLength <= most) return file;
  const blocks = blocksOf(Buffer.from(file.buffer, file.byteOffset, file.byteLength));
  if (blocks === null) return null;
  const headers = blocks.filter(({ type }) => HEADERS.includes(type)).map(({ bytes }) => bytes);
  let room = most - headers.reduce((sum, { length }) => sum + length, 0);
  const packets: Buffer[] = [];
  for (const { type, bytes } of blocks.toReversed()) {
    if (HEADERS.includes(type)) continue;
    room -= bytes.length;
    if (room < 0) break;
    packets.unshift(bytes);
  }
  return packets.length === 0 ? null : Buffer.concat([...headers, ...packets]);
}
