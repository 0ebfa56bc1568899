/**
 * Drives one shard's native tracker to its end, a slice at a time. The same loop runs in a worker thread, where a
 * slice is followed by a look at the board, and in the calling thread, where it is followed by the event loop.
 * What this file imports is what a worker loads before its first packet: keep it short.
 */
import { type AnalysisOptions, addon, type Finished, type Progress } from '../capture/addon.ts';

/** What a shard returns. */
export interface ShardYield {
  /** One or more, of trackers with connections of their own. */
  readonly finished: readonly Finished[];
  /** SILENCE and BIRTH records of all of them, in the order of native/flow/gather.h. */
  readonly silences: Uint8Array;
  readonly births: Uint8Array;
}

/** Chosen: below 100 ms a stop feels immediate, and 20 border crossings a second cost nothing. */
const SLICE_MS = 50;

/** Yields after every slice. Ending it early (`return()`, or leaving a for-of) closes the native side. */
export function* driveShard(options: AnalysisOptions): Generator<Progress, ShardYield> {
  const analysis = addon().openAnalysis(options);
  try {
    while (analysis.run(SLICE_MS) === 'more') yield analysis.progress();
    const finished = analysis.finish();
    yield analysis.progress();
    return { finished, silences: analysis.takeSilences(), births: analysis.takeBirths() };
  } finally {
    analysis.close();
  }
}
