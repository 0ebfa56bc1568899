/**
 * A record in a spool file: length, CRC-32 of the content (both u32, little-endian), content. Whatever a power cut left
 * of the last one is told by its length or its sum.
 */
import { crc32 } from 'node:zlib';

const HEAD = 8;

/** Chosen: ten times what a large finding takes. What is larger is not kept. */
export const RECORD_BYTES = 2 ** 20;

export function frameOf(content: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(HEAD + content.length);
  frame.writeUInt32LE(content.length, 0);
  frame.writeUInt32LE(crc32(content), 4);
  content.copy(frame, HEAD);
  return frame;
}

export interface Frame {
  readonly content: Buffer;
  /** Where the next one begins. */
  readonly end: number;
}

/** Null where no whole and sound record begins at `at`. */
export function frameAt(bytes: Buffer, at: number): Frame | null {
  if (at + HEAD > bytes.length) return null;
  const length = bytes.readUInt32LE(at);
  const end = at + HEAD + length;
  if (length > RECORD_BYTES || end > bytes.length) return null;
  const content = bytes.subarray(at + HEAD, end);
  return crc32(content) === bytes.readUInt32LE(at + 4) ? { content, end } : null;
}

/** How many bytes from the start are whole records. */
export function soundBytes(bytes: Buffer): number {
  let at = 0;
  for (let frame = frameAt(bytes, 0); frame !== null; frame = frameAt(bytes, at)) at = frame.end;
  return at;
}
