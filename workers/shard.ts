/**
 * The piscina task of one shard: reads the whole capture, keeps its share of the connections, hands silences up.
 * It never waits for the main thread and nothing waits for it: batches go out by transfer, progress and stop lie
 * in shared memory.
 */
import { askToStop, mustStop, writeProgress } from '../src/dispatch/board.ts';
import { driveShard, type Keep } from '../src/dispatch/drive.ts';
import { type Batch, failureOf, type ShardOutcome, type ShardTask } from '../src/dispatch/task.ts';

function keepBy(task: ShardTask): Keep {
  const post = (kind: Batch['kind'], records: Uint8Array) => {
    const batch: Batch = { kind, records };
    task.port.postMessage(batch, [records.buffer as ArrayBuffer]);
  };
  return {
    silences: (records) => post('silences', records),
    births: (records) => post('births', records),
  };
}

function drive(task: ShardTask): ShardOutcome {
  const slices = driveShard(task.options, keepBy(task));
  for (let step = slices.next(); ; step = slices.next()) {
    if (step.done === true) return { kind: 'finished', finished: step.value };
    writeProgress(task.board, task.options.shard, step.value);
    if (mustStop(task.board)) {
      slices.return(undefined as never);
      return { kind: 'stopped' };
    }
  }
}

export default function shard(task: ShardTask): ShardOutcome {
  try {
    return drive(task);
  } catch (thrown) {
    // What stops one shard stops the capture: the others need not read on.
    askToStop(task.board);
    return failureOf(thrown);
  }
}
