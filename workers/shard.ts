/**
 * The piscina task of one shard: reads the whole capture, keeps its share of the connections, hands up what it found.
 * It never waits for the main thread and nothing waits for it: what it found goes out by transfer, progress and stop
 * lie in shared memory.
 */
import { askToStop, mustStop, writeProgress } from '../src/dispatch/board.ts';
import { driveShard } from '../src/dispatch/drive.ts';
import { failureOf, type ShardOutcome, type ShardTask } from '../src/dispatch/task.ts';

function drive(task: ShardTask): ShardOutcome {
  const slices = driveShard(task.options);
  for (let step = slices.next(); ; step = slices.next()) {
    if (step.done === true) {
      const records = [step.value.silences, step.value.births];
      task.port.postMessage(
        step.value,
        records.map(({ buffer }) => buffer as ArrayBuffer),
      );
      return { kind: 'finished' };
    }
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
