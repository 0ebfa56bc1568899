/**
 * The board that all shards of one capture write on: a stop flag and one row of progress a shard, in shared memory.
 * A shard is busy in native code for as long as its capture lasts, so no message could reach it; it looks here
 * between two slices of work. A row has one writer; aligned 64-bit stores do not tear on the machines we run on.
 */
import type { Progress } from '../capture/addon.ts';

export interface Board {
  readonly stop: Int32Array;
  readonly rows: Float64Array;
}

const COLUMNS = 4;

export function openBoard(shards: number): Board {
  return {
    stop: new Int32Array(new SharedArrayBuffer(4)),
    rows: new Float64Array(new SharedArrayBuffer(shards * COLUMNS * 8)),
  };
}

export const askToStop = (board: Board): void => void Atomics.store(board.stop, 0, 1);
export const mustStop = (board: Board): boolean => Atomics.load(board.stop, 0) === 1;

export function writeProgress(board: Board, shard: number, progress: Progress): void {
  const { bytesRead, bytesTotal, packets, records } = progress;
  board.rows.set([bytesRead, bytesTotal, packets, records], shard * COLUMNS);
}

/** Every shard reads the whole capture: it is as far as its slowest shard. Records are each shard's own. */
export function readProgress(board: Board): Progress {
  const { rows } = board;
  let [bytesRead = 0, bytesTotal = 0, packets = 0, records = 0] = rows;
  for (let at = COLUMNS; at < rows.length; at += COLUMNS) {
    bytesRead = Math.min(bytesRead, rows[at] ?? 0);
    bytesTotal = Math.max(bytesTotal, rows[at + 1] ?? 0);
    packets = Math.min(packets, rows[at + 2] ?? 0);
    records += rows[at + 3] ?? 0;
  }
  return { bytesRead, bytesTotal, packets, records };
}
