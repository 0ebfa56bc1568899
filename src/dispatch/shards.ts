/**
 * How many shards a capture is worth. Starting the pool costs as much as two shards save on half a gigabyte of small packets,
 * and every shard decodes the whole file, so more of them pay only while tracking costs more than decoding.
 */
import type { SourceShape } from '../capture/sources.ts';
import { freeCores } from './cores.ts';

/** 0: one shard in the calling thread, without the pool. */
export type Workers = 'auto' | number;

/** The partitions of native/flow/key.h: a shard owns at least one. */
export const MOST_SHARDS = 64;

/**
 * Below, one shard in the calling thread is done first: measured for two cores (docs/performance.md, "How many shards"),
 * where the second one would else read ahead; for more of them reckoned.
 */
const SMALL_BYTES = 256 * 2 ** 20;
const SMALL_FOR_TWO = 512 * 2 ** 20;

/** Chosen: packet headers of a long capture compress about as well as text. */
const LIKELY_RATIO = 8;

/** Decoding is about a third of the work (design.md): the ninth shard adds less than a hundredth of the speed. */
const WORTHWHILE_SHARDS = 8;

const weight = ({ kind, bytes }: SourceShape): number =>
  kind === 'compressed' ? bytes * LIKELY_RATIO : bytes;

const sizeOf = (sources: readonly SourceShape[]): number =>
  sources.reduce((sum, source) => sum + weight(source), 0);

const isRereadable = (source: SourceShape): boolean => source.kind === 'file';

/** Whether every source can be read by several at once, and again after a worker died. */
export const canReadAgain = (sources: readonly SourceShape[]): boolean =>
  sources.every(isRereadable);

function automatic(sources: readonly SourceShape[], cores: () => number): number {
  // A pipe may keep its reader waiting for ever: never in the thread that answers Ctrl-C.
  if (sources.some((source) => source.kind === 'stream')) return 1;
  const bytes = sizeOf(sources);
  if (bytes < SMALL_BYTES) return 0;
  if (!canReadAgain(sources)) return 1;
  const shards = Math.min(cores(), WORTHWHILE_SHARDS);
  return shards > 2 || (shards === 2 && bytes >= SMALL_FOR_TWO) ? shards : 0;
}

/** Threads to use, 0 for none; `cores`: those that are free. Streams and compressed files cannot be read by two. */
export function chooseShards(
  sources: readonly SourceShape[],
  workers: Workers,
  cores?: number,
): number {
  if (workers === 'auto') return automatic(sources, cores === undefined ? freeCores : () => cores);
  const most = canReadAgain(sources) ? MOST_SHARDS : 1;
  return Math.max(0, Math.min(workers, most));
}

/** Chosen: on less, a thread that reads ahead costs as much as it saves, and cores need not be counted. */
const LARGE_BYTES = 16 * 2 ** 20;

/** Whether each shard has an idle core beside its own, on which its file is read ahead. */
export const hasIdleCores = (
  sources: readonly SourceShape[],
  shards: number,
  cores?: number,
): boolean => sizeOf(sources) >= LARGE_BYTES && (cores ?? freeCores()) >= 2 * Math.max(1, shards);
