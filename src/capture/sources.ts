/**
 * Files, compressed files and streams as one thing: what must be known about a path before it is opened, which is
 * how big it is and whether it can be read a second time. A path that cannot be read is no error here: the native
 * reader says why, in one place.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';

export interface SourceShape {
  readonly path: string;
  /** `file`: can be mapped and read by several at once. `unreadable`: opening it will tell why. */
  readonly kind: 'file' | 'compressed' | 'stream' | 'unreadable';
  /** Size on disk, 0 for streams. */
  readonly bytes: number;
}

/** gzip (RFC 1952 §2.3.1) and a zstd frame (RFC 8878 §3.1.1), little endian. */
const GZIP_MAGIC = 0x8b1f;
const ZSTD_MAGIC = 0xfd2fb528;

function magicOf(path: string): number {
  const descriptor = openSync(path, 'r');
  try {
    const head = new DataView(new ArrayBuffer(4));
    readSync(descriptor, head, 0, 4, 0);
    return head.getUint32(0, true);
  } finally {
    closeSync(descriptor);
  }
}

const isCompressed = (magic: number): boolean =>
  (magic & 0xffff) === GZIP_MAGIC || magic === ZSTD_MAGIC;

export function shapeOf(path: string): SourceShape {
  if (path === '-') return { path, kind: 'stream', bytes: 0 };
  try {
    const facts = statSync(path);
    if (facts.isFIFO()) return { path, kind: 'stream', bytes: 0 };
    if (!facts.isFile()) return { path, kind: 'unreadable', bytes: 0 };
    const kind = isCompressed(magicOf(path)) ? 'compressed' : 'file';
    return { path, kind, bytes: facts.size };
  } catch {
    return { path, kind: 'unreadable', bytes: 0 };
  }
}
