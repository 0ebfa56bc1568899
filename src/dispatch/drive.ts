/**
 * Drives one shard's native tracker to its end, a slice at a time. The same loop runs in a worker thread, where a
 * slice is followed by a look at the board, and in the calling thread, where it is followed by the event loop.
 * What this file imports is what a worker loads before its first packet: keep it short.
 */
import { type AnalysisOptions, addon, type Finished, type Progress } from '../capture/addon.ts';

/** Takes what a slice has brought: packed records, empty arrays left out. */
export interface Keep {
  silences(records: Uint8Array): void;
  births(records: Uint8Array): void;
}

/** Chosen: below 100 ms a stop feels immediate, and 20 border crossings a second cost nothing. */
const SLICE_MS = 50;

/** Yields after every slice. Ending it early (`return()`, or leaving a for-of) closes the native side. */
export function* driveShard(
  options: AnalysisOptions,
  keep: Keep,
): Generator<Progress, readonly Finished[]> {
  const analysis = addon().openAnalysis(options);
  const hand = () => {
    const silences = analysis.takeSilences();
    if (silences.byteLength > 0) keep.silences(silences);
    const births = analysis.takeBirths();
    if (births.byteLength > 0) keep.births(births);
  };
  try {
    while (analysis.run(SLICE_MS) === 'more') {
      hand();
      yield analysis.progress();
    }
    const finished = analysis.finish();
    hand();
    yield analysis.progress();
    return finished;
  } finally {
    analysis.close();
  }
}
