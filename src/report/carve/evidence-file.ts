/**
 * A pcapng file (draft-ietf-opsawg-pcapng) of a few frames: interfaces by name, nanoseconds. Whole in memory, because a
 * finding's packets are few.
 */
import type { CarvedFrame } from '../../capture/addon.ts';

const SECTION = 0x0a0d0d0a;
const BYTE_ORDER = 0x1a2b3c4d;
const INTERFACE = 1;
const ENHANCED_PACKET = 6;
const OPTION = { comment: 1, name: 2, resolution: 9 } as const;
const NANOSECONDS = 9;

const padded = (bytes: Uint8Array): Buffer =>
  Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);

function option(code: number, value: Uint8Array): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(code, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, padded(value)]);
}

/** Length, body, length again. */
function block(type: number, body: Buffer): Buffer {
  const length = 12 + body.length;
  const out = Buffer.alloc(length);
  out.writeUInt32LE(type, 0);
  out.writeUInt32LE(length, 4);
  body.copy(out, 8);
  out.writeUInt32LE(length, length - 4);
  return out;
}

function section(comment: string): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt32LE(BYTE_ORDER, 0);
  head.writeUInt16LE(1, 4);
  head.writeBigInt64LE(-1n, 8);
  return block(
    SECTION,
    Buffer.concat([head, option(OPTION.comment, Buffer.from(comment)), Buffer.alloc(4)]),
  );
}

function describe(linkType: number, name: string): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16LE(linkType, 0);
  const options = [
    option(OPTION.name, Buffer.from(name)),
    option(OPTION.resolution, Buffer.of(NANOSECONDS)),
    Buffer.alloc(4),
  ];
  return block(INTERFACE, Buffer.concat([head, ...options]));
}

function packet({ atNs, bytes, wireBytes }: CarvedFrame, index: number): Buffer {
  const head = Buffer.alloc(20);
  head.writeUInt32LE(index, 0);
  head.writeUInt32LE(Number(atNs >> 32n), 4);
  head.writeUInt32LE(Number(atNs & 0xffffffffn), 8);
  head.writeUInt32LE(bytes.length, 12);
  head.writeUInt32LE(Math.max(bytes.length, wireBytes), 16);
  return block(ENHANCED_PACKET, Buffer.concat([head, padded(bytes)]));
}

/** `frames` in the order in which they are written; `nameOf` a capture point. */
export function pcapngFile(
  comment: string,
  frames: readonly CarvedFrame[],
  nameOf: (capturePoint: number) => string,
): Uint8Array {
  const blocks: Buffer[] = [section(comment)];
  const interfaces = new Map<string, number>();
  for (const { linkType, capturePoint } of frames) {
    const key = `${linkType} ${capturePoint}`;
    if (interfaces.has(key)) continue;
    interfaces.set(key, interfaces.size);
    blocks.push(describe(linkType, nameOf(capturePoint)));
  }
  for (const frame of frames) {
    blocks.push(packet(frame, interfaces.get(`${frame.linkType} ${frame.capturePoint}`) ?? 0));
  }
  return Buffer.concat(blocks);
}
