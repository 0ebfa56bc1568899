/** Small files that grow by orders when they are opened: captures of nothing but empty records. */
import { gzipSync } from 'node:zlib';

const MIB = 2 ** 20;

/** pcap, little-endian, µs, Ethernet; behind it 16 zero bytes are a packet of no length. */
export function emptyCapture(): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(1, 20);
  return header;
}

const ZSTD_BLOCK = 128 * 1024;
const RAW = 0;
const REPEATED = 1;

/** RFC 8878 §3.1.1.2: last, type, size in three bytes. */
function zstdBlock(type: number, size: number, last: boolean): Buffer {
  const word = (size << 3) | (type << 1) | Number(last);
  return Buffer.from([word & 0xff, (word >> 8) & 0xff, word >> 16]);
}

/** Four bytes for each 128 KiB of zeros: 32 768 to one. */
export function zstdBomb(bytes: number): Buffer {
  const head = emptyCapture();
  // Magic, no content size and no checksum, a window of 1 MiB.
  const start = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50]);
  const zeros = Buffer.concat([zstdBlock(REPEATED, ZSTD_BLOCK, false), Buffer.alloc(1)]);
  const blocks = Array.from({ length: Math.ceil(bytes / ZSTD_BLOCK) }, () => zeros);
  const end = Buffer.concat([zstdBlock(REPEATED, 16, true), Buffer.alloc(1)]);
  return Buffer.concat([start, zstdBlock(RAW, head.length, false), head, ...blocks, end]);
}

/** Members behind each other (RFC 1952 §2.2), about a thousand to one, which is the most that gzip does. */
export function gzipBomb(bytes: number): Buffer {
  const member = gzipSync(Buffer.alloc(64 * MIB), { level: 9 });
  const members = Array.from({ length: Math.ceil(bytes / (64 * MIB)) }, () => member);
  return Buffer.concat([gzipSync(emptyCapture()), ...members]);
}
