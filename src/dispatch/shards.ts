/**
 * How a capture is divided: by connections, and every part reads the whole file. A file is read in the calling thread and
 * native threads beside it, one for each core that is free (native/flow/crew.h). Threads of the pool, which take longer to
 * start than half a gigabyte of small packets is worth, are for what may keep its reader waiting and for who asks for them.
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

/** Measured (docs/decisions/0008-shards-without-the-pool.md): on less, two parts take as long as one. */
const WORTH_HELP = 16 * 2 ** 20;

/** Reading is about a third of the work (design.md) and done in every part: a ninth adds less than a hundredth of the speed. */
const WORTHWHILE_PARTS = 8;

/** Native threads beside each shard's own, one for each core that is left (`cores`: those that are free); only for files. */
export function chooseHelpers(
  sources: readonly SourceShape[],
  shards: number,
  cores?: number,
): number {
  if (!canReadAgain(sources) || sizeOf(sources) < WORTH_HELP) return 0;
  const own = Math.max(1, shards);
  const parts = Math.min(cores ?? freeCores(), WORTHWHILE_PARTS);
  return Math.max(0, Math.floor(parts / own) - 1);
}
