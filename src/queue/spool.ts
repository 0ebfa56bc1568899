/**
 * A spool: what was found is on the disk before anybody tries to send it, and stays until it has arrived.
 *
 * It only appends, in groups with one fsync each; a kill costs at most what came in the last milliseconds. It is
 * bounded: near its end it takes no more packets, then no more paths, then nothing, and counts what it refused. While
 * the disk is full it waits in a bounded memory and tries again.
 */
import { chmodSync, readFileSync, truncateSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { AppError } from '../base/errors.ts';
import { makeFolder } from '../base/folder.ts';
import { type FolderLock, lockFolder } from '../base/folder-lock.ts';
import { type Log, quieted } from '../base/log.ts';
import {
  deleteSegment,
  isBefore,
  type Position,
  readPassedOn,
  segmentPath,
  segmentsOf,
  writePassedOn,
} from './spool-files.ts';
import { frameAt, frameOf, RECORD_BYTES, soundBytes } from './spool-frames.ts';

export const SPOOL_KINDS = ['finding', 'path', 'evidence'] as const;
export type SpoolKind = (typeof SPOOL_KINDS)[number];

export interface SpoolRecord {
  readonly kind: SpoolKind;
  readonly value: unknown;
}

export interface Stretch {
  readonly records: readonly SpoolRecord[];
  readonly from: Position;
  /** Behind the last of them. */
  readonly until: Position;
}

/** Chosen: about 100 000 findings. */
export const SPOOL_BYTES = 256 * 2 ** 20;
const SEGMENT_BYTES = 4 * 2 ** 20;
/** Chosen: what waits for a full disk. */
const PENDING_BYTES = 16 * 2 ** 20;
/** Chosen: written and synced at once at the most, so that a disk with a little room takes a little. */
const GROUP_BYTES = 2 ** 20;
const RETRY_MS = 500;

/** Shares of the bound up to which each kind is taken: a finding is worth more than its packets. */
const FILL: Readonly<Record<SpoolKind, number>> = { evidence: 0.75, path: 0.875, finding: 1 };

function makeSpoolFolder(folder: string): void {
  try {
    makeFolder(folder, 0o700);
    chmodSync(folder, 0o700);
  } catch (cause) {
    const { code = 'failed' } = cause as NodeJS.ErrnoException;
    const hint = 'give a folder that may be written with --spool';
    throw new AppError('E_OUTPUT', `the spool ${folder} cannot be made: ${code}`, hint, cause);
  }
}

interface Tail {
  readonly number: number;
  readonly handle: FileHandle;
  bytes: number;
}

export class Spool {
  readonly folder: string;
  readonly #maxBytes: number;
  readonly #lock: FolderLock;
  readonly #told: ReturnType<typeof quieted>;
  /** Bytes by segment, all that is on the disk. */
  readonly #segments = new Map<number, number>();
  readonly #refused: Record<SpoolKind, number> = { finding: 0, path: 0, evidence: 0 };
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #tail: Tail | null = null;
  #flushing: Promise<void> | null = null;
  #passedOn: Position;
  #closed = false;
  #grown: () => void = () => {};

  constructor(folder: string, log: Log, maxBytes = SPOOL_BYTES) {
    makeSpoolFolder(folder);
    this.#lock = lockFolder(folder, 'spool');
    this.folder = folder;
    this.#maxBytes = maxBytes;
    this.#told = quieted(log);
    this.#passedOn = readPassedOn(folder);
    this.#recover();
  }

  /** On the disk and not passed on yet, with what waits for the disk. */
  get bytes(): number {
    const stored = [...this.#segments.values()].reduce((sum, size) => sum + size, 0);
    const { segment, offset } = this.#passedOn;
    return stored - (this.#segments.has(segment) ? offset : 0) + this.#pendingBytes;
  }

  /** What had no room, by kind. */
  get refused(): Readonly<Record<SpoolKind, number>> {
    return this.#refused;
  }

  get passedOn(): Position {
    return this.#passedOn;
  }

  /** False: there was no room, and it was counted. */
  append(record: SpoolRecord): boolean {
    const frame = frameOf(Buffer.from(JSON.stringify([record.kind, record.value])));
    const room = this.#maxBytes * FILL[record.kind] - this.bytes;
    const tooMuch = frame.length > room || this.#pendingBytes + frame.length > PENDING_BYTES;
    if (tooMuch || frame.length > RECORD_BYTES || this.#closed) {
      this.#refused[record.kind]++;
      return false;
    }
    this.#pending.push(frame);
    this.#pendingBytes += frame.length;
    this.#flushing ??= this.#flush();
    return true;
  }

  /** Resolves when all that was appended is on the disk, or cannot be. */
  async flushed(): Promise<void> {
    await this.#flushing;
  }

  /** Resolves when there is something at or behind `position`; false when the spool is closed. */
  async more(position: Position, waitMs: number): Promise<boolean> {
    if (this.#hasBehind(position)) return true;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      this.#grown = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#closed) this.#grown();
    });
    return this.#hasBehind(position);
  }

  /** From `position` on, up to `maxBytes`; empty where nothing is behind it. A damaged rest of a segment is skipped. */
  read(position: Position, maxBytes: number): Stretch {
    for (const [number, bytes] of [...this.#segments].sort(([a], [b]) => a - b)) {
      if (number < position.segment) continue;
      const offset = number === position.segment ? position.offset : 0;
      if (offset >= bytes) continue;
      const stretch = this.#readSegment({ segment: number, offset }, bytes, maxBytes);
      if (stretch.records.length > 0) return stretch;
    }
    return { records: [], from: position, until: position };
  }

  /** All in front of `position` has arrived. */
  pass(position: Position): void {
    if (!isBefore(this.#passedOn, position)) return;
    this.#passedOn = position;
    writePassedOn(this.folder, position);
    for (const [number, bytes] of this.#segments) {
      const done =
        number < position.segment || (number === position.segment && position.offset >= bytes);
      if (done && number !== this.#tail?.number) this.#forget(number);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#grown();
    await this.#flushing;
    await this.#tail?.handle.close();
    this.#lock.release();
  }

  #hasBehind({ segment, offset }: Position): boolean {
    for (const [number, bytes] of this.#segments) {
      if (number > segment ? bytes > 0 : number === segment && bytes > offset) return true;
    }
    return false;
  }

  #forget(number: number): void {
    deleteSegment(this.folder, number);
    this.#segments.delete(number);
  }

  /** What a kill left: the last segment may end in a torn record. */
  #recover(): void {
    const segments = segmentsOf(this.folder);
    for (const { number, bytes } of segments) this.#segments.set(number, bytes);
    const last = segments.at(-1);
    if (last !== undefined) {
      const path = segmentPath(this.folder, last.number);
      const sound = soundBytes(readFileSync(path));
      truncateSync(path, sound);
      this.#segments.set(last.number, sound);
    }
    for (const { number } of segments) {
      if (number < this.#passedOn.segment) this.#forget(number);
    }
  }

  #readSegment(from: Position, bytes: number, maxBytes: number): Stretch {
    const all = readFileSync(segmentPath(this.folder, from.segment)).subarray(0, bytes);
    const records: SpoolRecord[] = [];
    let at = from.offset;
    while (at < all.length && (records.length === 0 || at - from.offset < maxBytes)) {
      const frame = frameAt(all, at);
      if (frame === null) {
        this.#told.trouble({ segment: from.segment, atByte: at }, 'a spool file is damaged');
        at = all.length;
        break;
      }
      const [kind, value] = JSON.parse(frame.content.toString()) as [SpoolKind, unknown];
      records.push({ kind, value });
      at = frame.end;
    }
    return { records, from, until: { segment: from.segment, offset: at } };
  }

  async #flush(): Promise<void> {
    // One turn of the loop: what is appended together is synced together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#pending.length > 0) {
      const group = this.#nextGroup();
      try {
        await this.#write(group);
        this.#pendingBytes -= group.length;
        this.#told.over('the spool can write again');
        this.#grown();
      } catch (thrown) {
        const { code = String(thrown) } = thrown as NodeJS.ErrnoException;
        this.#told.trouble({ reason: code }, 'the spool cannot write');
        this.#pending.unshift(group);
        if (this.#closed) break;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    this.#flushing = null;
  }

  /** As many of those that wait as are written at once, one at least. */
  #nextGroup(): Buffer {
    let bytes = 0;
    const more = this.#pending.findIndex((frame) => (bytes += frame.length) > GROUP_BYTES);
    const count = more === -1 ? this.#pending.length : Math.max(1, more);
    return Buffer.concat(this.#pending.splice(0, count));
  }

  /** All of it is on the disk, or none of it is in the file. */
  async #write(bytes: Buffer): Promise<void> {
    const tail = await this.#tailFor();
    try {
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await tail.handle.write(
          bytes,
          at,
          bytes.length - at,
          tail.bytes + at,
        );
        at += bytesWritten;
      }
      await tail.handle.datasync();
    } catch (thrown) {
      await tail.handle.truncate(tail.bytes).catch(() => {});
      throw thrown;
    }
    tail.bytes += bytes.length;
    this.#segments.set(tail.number, tail.bytes);
  }

  async #tailFor(): Promise<Tail> {
    if (this.#tail !== null && this.#tail.bytes < SEGMENT_BYTES) return this.#tail;
    const newest = Math.max(this.#passedOn.segment, ...this.#segments.keys());
    // By the clock, so that a number never comes again, also when every note is lost.
    const number = Math.max(Date.now(), newest + 1);
    const handle = await open(segmentPath(this.folder, number), 'wx', 0o600);
    await this.#tail?.handle.close();
    this.#tail = { number, handle, bytes: 0 };
    const directory = await open(this.folder, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
    return this.#tail;
  }
}
