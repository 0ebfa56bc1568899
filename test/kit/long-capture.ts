/**
 * A capture that takes a while: a short one again and again, each time later and on other ports. What it costs to read
 * is real, what it shows is the short one's story many times over.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const ETHERNET = 14;

/** Offset of the client's port in an IPv4 packet without options: it is the one that is not `server`. */
function clientPort(file: Buffer, record: number, server: number): number {
  const tcp = record + RECORD_HEADER + ETHERNET + 20;
  return file.readUInt16BE(tcp) === server ? tcp + 2 : tcp;
}

/** Offset of the lower half of the server's address. */
function serverAddress(file: Buffer, record: number, server: number): number {
  const ip = record + RECORD_HEADER + ETHERNET;
  return file.readUInt16BE(ip + 20) === server ? ip + 14 : ip + 18;
}

function recordsOf(file: Buffer): number[] {
  const records: number[] = [];
  for (let at = FILE_HEADER; at < file.length; at += RECORD_HEADER + file.readUInt32LE(at + 8)) {
    records.push(at);
  }
  return records;
}

export interface Repeated {
  readonly server: number;
  readonly apartSeconds: number;
  readonly bytes: number;
  /** Addresses that the server has, each round the next. */
  readonly servers?: number;
}

/** `from`: a little-endian pcap of IPv4 over Ethernet in which every packet is to or from the port `server`. */
export function writeRepeated(
  from: string,
  to: string,
  { server, apartSeconds, bytes, servers = 1 }: Repeated,
): void {
  const file = readFileSync(from);
  const records = recordsOf(file);
  const round = file.subarray(FILE_HEADER);
  const rounds = Math.ceil(bytes / round.length);
  const parts: Buffer[] = [file.subarray(0, FILE_HEADER)];
  for (let i = 0; i < rounds; i++) {
    const copy = Buffer.from(round);
    for (const record of records) {
      const port = clientPort(file, record, server) - FILE_HEADER;
      copy.writeUInt16BE((copy.readUInt16BE(port) + i * 31) & 0xffff, port);
      const address = serverAddress(file, record, server) - FILE_HEADER;
      copy.writeUInt16BE((copy.readUInt16BE(address) + (i % servers)) & 0xffff, address);
      const at = record - FILE_HEADER;
      copy.writeUInt32LE(copy.readUInt32LE(at) + i * apartSeconds, at);
    }
    parts.push(copy);
  }
  writeFileSync(to, Buffer.concat(parts));
}
