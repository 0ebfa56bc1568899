/**
 * A record's frame numbers → source and the numbers Wireshark counts in it; a silence may begin in
 * an earlier file.
 */
import type { SilenceRecord } from '../base/record.ts';
import { locateFrame } from './analysis.ts';

export interface Located {
  readonly source: number | null;
  readonly lastBefore: number | null;
  readonly trigger: number | null;
  readonly ending: number | null;
  readonly elsewhere: { frame: string; source: number; number: number }[];
}

/** The source is that of the latest frame; frames in other sources stand in `elsewhere`. */
export function locateFrames(record: SilenceRecord): Located {
  const places = {
    lastBefore: locateFrame(record.frameLastBefore),
    trigger: locateFrame(record.frameTrigger),
    ending: locateFrame(record.frameEnding),
  };
  const source = (places.ending ?? places.trigger ?? places.lastBefore)?.source ?? null;
  const here = (place: { source: number; frame: number } | null) =>
    place !== null && place.source === source ? place.frame : null;
  const elsewhere = Object.entries(places).flatMap(([frame, place]) =>
    place === null || place.source === source
      ? []
      : [{ frame, source: place.source, number: place.frame }],
  );
  return {
    source,
    lastBefore: here(places.lastBefore),
    trigger: here(places.trigger),
    ending: here(places.ending),
    elsewhere,
  };
}
