/** Classic pcap with nanoseconds, little endian (draft-ietf-opsawg-pcap): what every tool reads. */
const MAGIC_NS = 0xa1b23c4d;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;

/** As large as tcpdump's own default. */
const SNAPLEN = 262_144;

const NS = 1_000_000_000n;

export function pcapHeader(linkType: number): Buffer {
  const header = Buffer.alloc(FILE_HEADER);
  header.writeUInt32LE(MAGIC_NS, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(SNAPLEN, 16);
  header.writeUInt32LE(linkType, 20);
  return header;
}

/** Seconds beyond 2106 do not fit the format and wrap there. */
export function pcapRecord(atNs: bigint, bytes: Uint8Array, wireBytes: number): Buffer {
  const kept = Math.min(bytes.length, SNAPLEN);
  const record = Buffer.alloc(RECORD_HEADER + kept);
  record.writeUInt32LE(Number(BigInt.asUintN(32, atNs / NS)), 0);
  record.writeUInt32LE(Number(atNs % NS), 4);
  record.writeUInt32LE(kept, 8);
  record.writeUInt32LE(Math.max(kept, wireBytes), 12);
  record.set(bytes.subarray(0, kept), RECORD_HEADER);
  return record;
}
