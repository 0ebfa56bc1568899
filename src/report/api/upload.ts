/**
 * A capture comes in: streamed to a file of our own naming, looked at on the way, never held in memory.
 *
 * In this order, each before the next can do harm: the announced size, the room on the disk, the first four bytes, the
 * size as it grows. Then fsync, rename, fsync of the folder: after that the capture is there, whatever happens, and only
 * then is the job recorded. Whatever ends early takes its file along.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, open, rename, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { captureFile, incomingFile, syncFolder } from '../store/places.ts';
import { Problem } from './problem.ts';

/** Chosen: what the store and the queue may need while an upload is on its way. */
export const RESERVE_BYTES = 16 * 1024 * 1024;
/** Chosen: how often a long upload looks at the disk. */
const LOOK_EVERY_BYTES = 64 * 1024 * 1024;

const MAGIC_LENGTH = 4;

/** pcap in both byte orders (µs, ns, and Kuznetzov's modified header), pcapng, gzip, zstd: as native/source reads them. */
const MAGICS = new Set([
  ...['a1b2c3d4', 'd4c3b2a1', 'a1b23c4d', '4d3cb2a1', 'a1b2cd34', '34cdb2a1'],
  ...['0a0d0d0a', '28b52ffd'],
]);

export function isCaptureMagic(first: Uint8Array): boolean {
  const hex = Buffer.from(first.subarray(0, MAGIC_LENGTH)).toString('hex');
  return MAGICS.has(hex) || hex.startsWith('1f8b');
}

export interface Uploaded {
  readonly bytes: number;
  readonly sha256: string;
}

export interface UploadPlan {
  readonly data: string;
  readonly job: string;
  readonly maxBytes: number;
  /** Content-Length, where it was said and means the file. */
  readonly announced: number | null;
}

export function refuseTooLarge(bytes: number, most: number): void {
  if (bytes <= most) return;
  throw new Problem('too-large', `the limit is ${most} bytes`);
}

export async function refuseFullDisk(data: string, wanted: number): Promise<void> {
  const { bavail, bsize } = await statfs(data);
  if (bavail * bsize >= wanted + RESERVE_BYTES) return;
  throw new Problem('no-space', 'the disk of the data directory has no room for this capture');
}

const notACapture = (): Problem =>
  new Problem('not-a-capture', 'send pcap or pcapng, plain or compressed with gzip or zstd');

/** Writes what comes, checks it on the way. */
class Intake {
  readonly #plan: UploadPlan;
  readonly #file: FileHandle;
  readonly #hash = createHash('sha256');
  #first = Buffer.alloc(0);
  #bytes = 0;
  #lookAt = LOOK_EVERY_BYTES;

  constructor(plan: UploadPlan, file: FileHandle) {
    this.#plan = plan;
    this.#file = file;
  }

  async take(chunk: Buffer): Promise<void> {
    this.#bytes += chunk.length;
    refuseTooLarge(this.#bytes, this.#plan.maxBytes);
    this.#lookAtMagic(chunk);
    if (this.#bytes > this.#lookAt) {
      this.#lookAt += LOOK_EVERY_BYTES;
      await refuseFullDisk(this.#plan.data, 0);
    }
    this.#hash.update(chunk);
    for (let at = 0; at < chunk.length; ) {
      at += (await this.#file.write(chunk, at)).bytesWritten;
    }
  }

  #lookAtMagic(chunk: Buffer): void {
    if (this.#first.length >= MAGIC_LENGTH) return;
    this.#first = Buffer.concat([this.#first, chunk.subarray(0, MAGIC_LENGTH)]);
    if (this.#first.length >= MAGIC_LENGTH && !isCaptureMagic(this.#first)) throw notACapture();
  }

  async finish(): Promise<Uploaded> {
    if (this.#first.length < MAGIC_LENGTH) throw notACapture();
    await this.#file.sync();
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }
}

async function fill(plan: UploadPlan, path: string, source: AsyncIterable<Buffer>) {
  // wx: O_EXCL, so that nothing that lies there, a link least of all, is ever written to.
  const file = await open(path, 'wx', 0o600);
  try {
    const intake = new Intake(plan, file);
    for await (const chunk of source) await intake.take(chunk);
    return await intake.finish();
  } finally {
    await file.close();
  }
}

/** Throws a Problem, or what the connection or the disk threw; nothing is left behind then. */
export async function receiveCapture(
  plan: UploadPlan,
  source: AsyncIterable<Buffer>,
): Promise<Uploaded> {
  refuseTooLarge(plan.announced ?? 0, plan.maxBytes);
  await refuseFullDisk(plan.data, plan.announced ?? 0);
  const path = incomingFile(plan.data, plan.job);
  try {
    const uploaded = await fill(plan, path, source);
    await rename(path, captureFile(plan.data, plan.job));
    syncFolder(join(plan.data, 'captures'));
    return uploaded;
  } catch (thrown) {
    await rm(path, { force: true });
    throw thrown;
  }
}
