/**
 * Very many connections through one box, each cut off after the same silence: what a load balancer's flood of resets looks
 * like to whoever captures in front of it. Written in the order of time, in pieces, so that a million fit through.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { pictureFile } from '../kit/analyse.ts';
import { opened } from '../kit/scenes.ts';

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const ETHERNET = 14;
const IP = RECORD_HEADER + ETHERNET;
const TCP = IP + 20;
const CLIENT_PORT = 40_000;
/** Between the beginnings of two connections. */
const APART_US = 1000;
const WRITE_BYTES = 4 * 2 ** 20;
const SECOND_US = 1_000_000;

const PICTURE = `${opened(0, `client:${CLIENT_PORT}`)}
    30.0501  client:${CLIENT_PORT} > server  PSH ACK  20 bytes
    30.0511  server > client:${CLIENT_PORT}  stateless  ttl 63`;

interface Template {
  readonly record: Buffer;
  readonly atUs: number;
  /** Where the client's port and the last two bytes of its address are. */
  readonly port: number;
  readonly address: number;
}

function templatesOf(file: Buffer): Template[] {
  const found: Template[] = [];
  let first: number | null = null;
  for (let at = FILE_HEADER; at < file.length; ) {
    const end = at + RECORD_HEADER + file.readUInt32LE(at + 8);
    const record = file.subarray(at, end);
    const us = record.readUInt32LE(0) * SECOND_US + record.readUInt32LE(4);
    first ??= us;
    const byClient = record.readUInt16BE(TCP) === CLIENT_PORT;
    const [port, address] = byClient ? [TCP, IP + 14] : [TCP + 2, IP + 18];
    found.push({ record, atUs: us - first, port, address });
    at = end;
  }
  return found;
}

/** The n-th connection's: ports from 1024 on, another client address for every 50 000 of them. */
function recordOf({ record, port, address }: Template, n: number, atUs: number): Buffer {
  const copy = Buffer.from(record);
  copy.writeUInt32LE(Math.floor(atUs / SECOND_US), 0);
  copy.writeUInt32LE(atUs % SECOND_US, 4);
  copy.writeUInt16BE(1024 + (n % 50_000), port);
  copy.writeUInt16BE(0x0101 + Math.floor(n / 50_000), address);
  return copy;
}

/** Merges: at every step one packet of each connection that is due. */
function* packetsOf(templates: readonly Template[], connections: number): Generator<Buffer> {
  const next = templates.map(() => 0);
  const dueOf = (at: number): number => {
    const n = next[at] ?? 0;
    return n < connections ? (templates[at]?.atUs ?? 0) + n * APART_US : Infinity;
  };
  for (;;) {
    const dues = templates.map((_, at) => dueOf(at));
    const due = Math.min(...dues);
    if (due === Infinity) return;
    const at = dues.indexOf(due);
    const template = templates[at];
    if (template === undefined) return;
    const n = next[at] ?? 0;
    next[at] = n + 1;
    yield recordOf(template, n, SECOND_US + due);
  }
}

export function writeFlood(path: string, connections: number): void {
  const one = pictureFile(PICTURE);
  const out = openSync(path, 'w', 0o600);
  try {
    writeSync(out, one.subarray(0, FILE_HEADER));
    let [parts, bytes]: [Buffer[], number] = [[], 0];
    for (const packet of packetsOf(templatesOf(one), connections)) {
      parts.push(packet);
      bytes += packet.length;
      if (bytes < WRITE_BYTES) continue;
      writeSync(out, Buffer.concat(parts));
      [parts, bytes] = [[], 0];
    }
    writeSync(out, Buffer.concat(parts));
  } finally {
    closeSync(out);
  }
}
