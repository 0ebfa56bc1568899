/**
 * How a capture is divided. A file that can be read in the calling thread is, and native threads help there: one reads it
 * and deals its packets to several trackers (native/flow/crew.h). Shards on the pool share nothing, so that each reads the
 * whole file; they are for what may keep its reader waiting, and for who asks for them.
 */
import type { SourceShape } from '../capture/sources.ts';
import { freeCores } from './cores.ts';

/** 0: one shard in the calling thread, without the pool. */
export type Workers = 'auto' | number;

/** The partitions of native/flow/key.h: a shard owns at least one. */
export const MOST_SHARDS = 64;

/** Chosen: of an archive above it, unpacking takes seconds, in which the calling thread should answer. */
const LARGE_ARCHIVE = 256 * 2 ** 20;

/** Chosen: packet headers of a long capture compress about as well as text. */
const LIKELY_RATIO = 8;

const weight = ({ kind, bytes }: SourceShape): number =>
  kind === 'compressed' ? bytes * LIKELY_RATIO : bytes;

const sizeOf = (sources: readonly SourceShape[]): number =>
  sources.reduce((sum, source) => sum + weight(source), 0);

const isRereadable = (source: SourceShape): boolean => source.kind === 'file';

/** Whether every source can be read by several at once, and again after a worker died. */
export const canReadAgain = (sources: readonly SourceShape[]): boolean =>
  sources.every(isRereadable);

function automatic(sources: readonly SourceShape[]): number {
  // A pipe may keep its reader waiting for ever: never in the thread that answers Ctrl-C.
  if (sources.some((source) => source.kind === 'stream')) return 1;
  return canReadAgain(sources) || sizeOf(sources) < LARGE_ARCHIVE ? 0 : 1;
}

/** Threads of the pool, 0 for none: one in the calling thread. Streams and compressed files cannot be read by two. */
export function chooseShards(sources: readonly SourceShape[], workers: Workers): number {
  if (workers === 'auto') return automatic(sources);
  const most = canReadAgain(sources) ? MOST_SHARDS : 1;
  return Math.max(0, Math.min(workers, most));
}

/** Chosen: on less, threads cost as much as they save, and cores need not be counted. */
const WORTH_HELP = 16 * 2 ** 20;

/** Reading, looking at each packet and dealing it out is half of the work and one thread's: a third one would wait for it. */
const MOST_HELPERS = 2;

/** Native threads beside each shard: cores that are free (`cores`), for files. An archive has a thread that unpacks it. */
export function chooseHelpers(
  sources: readonly SourceShape[],
  shards: number,
  cores?: number,
): number {
  if (!canReadAgain(sources) || sizeOf(sources) < WORTH_HELP) return 0;
  const each = Math.floor((cores ?? freeCores()) / Math.max(1, shards));
  return Math.max(0, Math.min(each - 1, MOST_HELPERS));
}
