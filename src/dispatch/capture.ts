/** One capture, from its paths to everything that was found in it, in this thread or on the pool. */
import type { AnalysisOptions, Progress } from '../capture/addon.ts';
import type { NoteCeilings } from '../capture/notes.ts';
import { asAppError } from '../capture/problems.ts';
import { shapeOf } from '../capture/sources.ts';
import { askToStop, type Board, openBoard, readProgress } from './board.ts';
import { driveShard, type ShardYield } from './drive.ts';
import { type Captured, mergeShards } from './merge.ts';
import { canReadAgain, chooseHelpers, chooseShards, type Workers } from './shards.ts';

export interface CaptureOptions {
  readonly paths: readonly string[];
  readonly shortestNs: bigint;
  readonly maxFlows: number;
  readonly filter: string | null;
  readonly workers: Workers;
  /** Sources are several vantages of one network: their capture points are never one. */
  readonly apart?: boolean;
  /** For tests: other ceilings than the chosen ones. */
  readonly noteCeilings?: NoteCeilings;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Aborting rejects with the signal's reason once nothing is at work any more. */
  readonly signal?: AbortSignal | undefined;
}

const PROGRESS_EVERY_MS = 100;

/** How a capture is read. */
interface Plan {
  /** 0: one, in the calling thread. */
  readonly shards: number;
  /** All sources can be read a second time. */
  readonly canReadAgain: boolean;
  /** Native threads beside each of them. */
  readonly helpers: number;
}

const shardOf = (
  options: CaptureOptions,
  shard: number,
  { shards, helpers }: Plan,
): AnalysisOptions => ({
  paths: options.paths,
  shard,
  shards: Math.max(1, shards),
  helpers,
  shortestNs: options.shortestNs,
  maxFlows: options.maxFlows,
  filter: options.filter,
  apart: options.apart ?? false,
  noteCeilings: options.noteCeilings,
});

const nextTurn = (): Promise<void> => new Promise((turned) => void setImmediate(turned));

/** Chosen: what takes less in all is not worth a turn of the event loop, whose first costs a small capture a millisecond. */
const WORTH_A_TURN_MS = 25;

/** The event loop turns between two slices, so that signals and timers work. */
async function inThisThread(options: CaptureOptions, plan: Plan): Promise<ShardYield> {
  const slices = driveShard(shardOf(options, 0, plan));
  let turnedAt = performance.now();
  try {
    for (let step = slices.next(); ; step = slices.next()) {
      if (step.done === true) return step.value;
      options.onProgress?.(step.value);
      if (performance.now() - turnedAt >= WORTH_A_TURN_MS) {
        await nextTurn();
        turnedAt = performance.now();
      }
      options.signal?.throwIfAborted();
    }
  } finally {
    slices.return(undefined as never);
  }
}

/** Calls `during` with the board watched: progress goes out, an abort goes in. */
async function watched<T>(
  board: Board,
  options: CaptureOptions,
  during: () => Promise<T>,
): Promise<T> {
  const stop = () => askToStop(board);
  const tell = () => options.onProgress?.(readProgress(board));
  options.signal?.addEventListener('abort', stop);
  const timer = setInterval(tell, PROGRESS_EVERY_MS);
  try {
    const result = await during();
    tell();
    return result;
  } finally {
    clearInterval(timer);
    options.signal?.removeEventListener('abort', stop);
  }
}

async function onThreads(options: CaptureOptions, plan: Plan): Promise<ShardYield[]> {
  const { shards } = plan;
  const [{ openPool }, { runShards }] = await Promise.all([
    import('./pool.ts'),
    import('./threads.ts'),
  ]);
  const board = openBoard(shards);
  const pool = await openPool(shards);
  try {
    const work = {
      shards: Array.from({ length: shards }, (_, shard) => shardOf(options, shard, plan)),
      board,
      canReadAgain: plan.canReadAgain,
    };
    const yields = await watched(board, options, () => runShards(pool, work));
    options.signal?.throwIfAborted();
    if (yields === null) throw new Error('a shard stopped though nobody asked it to');
    return yields;
  } finally {
    await pool.destroy();
  }
}

/** Throws AppError for what an operator must fix; a source that ends early is a fact of it in `sources`. */
export async function runCapture(options: CaptureOptions): Promise<Captured> {
  options.signal?.throwIfAborted();
  const shapes = options.paths.map(shapeOf);
  const shards = chooseShards(shapes, options.workers);
  const plan = {
    shards,
    canReadAgain: canReadAgain(shapes),
    helpers: chooseHelpers(shapes, shards),
  };
  if (shards > 0) {
    const yields = await onThreads(options, plan);
    return mergeShards(yields as [ShardYield, ...ShardYield[]]);
  }
  try {
    return mergeShards([await inThisThread(options, plan)]);
  } catch (thrown) {
    options.signal?.throwIfAborted();
    throw asAppError(thrown);
  }
}
