/**
 * The shards of one capture on the pool: each is one long task. A worker that dies costs its shard a second try
 * where the capture can be read again; what stops one shard stops them all.
 */
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import type { Piscina } from 'piscina';
import { AppError } from '../base/errors.ts';
import type { AnalysisOptions } from '../capture/addon.ts';
import { askToStop, type Board } from './board.ts';
import type { ShardYield } from './drive.ts';
import { errorOf, type ShardOutcome, type ShardTask } from './task.ts';

export interface ThreadPlan {
  /** One a shard, in order. */
  readonly shards: readonly AnalysisOptions[];
  readonly board: Board;
  /** All sources can be read a second time. */
  readonly canReadAgain: boolean;
}

interface Attempt {
  readonly outcome: ShardOutcome;
  readonly found: ShardYield | undefined;
}

async function attempt(pool: Piscina, options: AnalysisOptions, board: Board): Promise<Attempt> {
  const { port1, port2 } = new MessageChannel();
  const task: ShardTask = { options, board, port: port2 };
  try {
    const outcome = (await pool.run(task, { transferList: [port2] })) as ShardOutcome;
    return { outcome, found: receiveMessageOnPort(port1)?.message as ShardYield | undefined };
  } finally {
    port1.close();
  }
}

function died(shard: number, cause: unknown): AppError {
  return new AppError(
    'E_WORKER_DIED',
    `the worker thread of shard ${shard} died`,
    'is the machine out of memory? try --workers 0; if that dies too, please report it',
    cause,
  );
}

/** Tasks return their failures, so a rejection means that the thread itself is gone. */
async function attemptTwice(
  pool: Piscina,
  options: AnalysisOptions,
  plan: ThreadPlan,
): Promise<Attempt> {
  try {
    return await attempt(pool, options, plan.board);
  } catch (cause) {
    if (!plan.canReadAgain) throw died(options.shard, cause);
  }
  return attempt(pool, options, plan.board).catch((cause: unknown) => {
    throw died(options.shard, cause);
  });
}

function yieldOf({ outcome, found }: Attempt): ShardYield | null {
  if (outcome.kind === 'failed') throw errorOf(outcome);
  if (outcome.kind === 'stopped') return null;
  if (found === undefined) throw new Error('a shard finished and gave nothing');
  return found;
}

/** Null when the board asked to stop before the end. Settles only when no shard is at work any more. */
export async function runShards(pool: Piscina, plan: ThreadPlan): Promise<ShardYield[] | null> {
  const settled = await Promise.allSettled(
    plan.shards.map(async (options) => {
      try {
        return yieldOf(await attemptTwice(pool, options, plan));
      } catch (error) {
        askToStop(plan.board);
        throw error;
      }
    }),
  );
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  const yields = settled.map((one) => (one as PromiseFulfilledResult<ShardYield | null>).value);
  return yields.every((one) => one !== null) ? yields : null;
}
