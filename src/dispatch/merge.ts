/** What the shards of one capture return → one, the same for any number of shards (design: shards share nothing). */
import type { CapturePointFacts, Counters, Finished, SourceFacts } from '../capture/addon.ts';
import type { NoteTable } from '../capture/notes.ts';
import { mergeBlindSpots } from './blind-spots.ts';
import type { ShardYield } from './drive.ts';
import { type Gather, orderBirths, orderSilences } from './gathered.ts';
import { type MergedNotes, mergeNotes } from './notes.ts';

/** Everything that one capture gave: packed records in a fixed order, rows with one row a key, counts added up. */
export interface Captured {
  readonly sources: readonly SourceFacts[];
  readonly capturePoints: readonly CapturePointFacts[];
  readonly counters: Counters;
  /** By table of notes: only responders that are one in 2^level are in its rows; 0: all. */
  readonly thinned: Readonly<Record<NoteTable, number>>;
  /** SILENCE records by ending, then frame, then tuple. */
  readonly silences: Uint8Array;
  /** BIRTH records by time, then frame, then tuple. */
  readonly births: Uint8Array;
  /** SURVIVOR_BIN records. */
  readonly survivors: Uint8Array;
  /** SURVIVOR_BIN records of silences that are open or were not observed. */
  readonly undecided: Uint8Array;
  /** ALIVE_STRIP records. */
  readonly alive: Uint8Array;
  /** RESET_SECOND records. */
  readonly resetSeconds: Uint8Array;
  /** GREETING records, the earliest of each responder. */
  readonly greetings: Uint8Array;
  /** BLIND_SPOT records. */
  readonly blindSpots: Uint8Array;
}

type Tally = Readonly<Record<string, number>>;

/** Adds up, name by name. */
export function addTallies<T extends Tally>(tallies: readonly T[]): T {
  const sum: Record<string, number> = {};
  for (const tally of tallies) {
    for (const [name, count] of Object.entries(tally)) sum[name] = (sum[name] ?? 0) + count;
  }
  return sum as T;
}

export function addCounters(all: readonly Counters[]): Counters {
  const total = (pick: (counters: Counters) => number) =>
    all.reduce((sum, one) => sum + pick(one), 0);
  return {
    flows: addTallies(all.map(({ flows }) => flows)),
    evicted: addTallies(all.map(({ evicted }) => evicted)),
    resets: addTallies(all.map(({ resets }) => resets)),
    silences: addTallies(all.map(({ silences }) => silences)),
    mirrored: total(({ mirrored }) => mirrored),
    notesOverflow: total(({ notesOverflow }) => notesOverflow),
    tableBytes: total(({ tableBytes }) => tableBytes),
  };
}

export const withDropped = (counters: Counters, { dropped }: MergedNotes): Counters => ({
  ...counters,
  notesOverflow: counters.notesOverflow + dropped,
});

export const notedIn = ({ rows, levels }: MergedNotes) => ({
  thinned: levels,
  survivors: rows.survivors,
  undecided: rows.undecided,
  alive: rows.alive,
  resetSeconds: rows.resetSeconds,
  greetings: rows.greetings,
});

/**
 * Every shard and thread reads all sources and sees the same, unless one changed or could not be opened again meanwhile:
 * then what is told of it is told by who had the trouble, since that one's connections are missing what it did not read.
 */
const sourcesOf = (all: readonly Finished[]): readonly SourceFacts[] =>
  (all[0]?.sources ?? []).map(
    (source, i) =>
      all.map(({ sources }) => sources[i]).find((seen) => (seen?.problem ?? null) !== null) ??
      source,
  );

/** `parts` in the order of their shards. */
export function mergeShards(parts: readonly [ShardYield, ...ShardYield[]]): Captured {
  const finished = parts.flatMap((part) => part.finished);
  const of = (pick: (part: ShardYield) => Uint8Array, gather: Gather) =>
    parts.length === 1 ? pick(parts[0]) : gather(parts.map(pick));
  // One that lost a source has met fewer.
  const capturePoints = finished
    .map((one) => one.capturePoints)
    .reduce((most, points) => (points.length > most.length ? points : most));
  const notes = mergeNotes(finished);
  return {
    sources: sourcesOf(finished),
    capturePoints,
    blindSpots: mergeBlindSpots(finished.map(({ blindSpots }) => blindSpots)),
    counters: withDropped(addCounters(finished.map(({ counters }) => counters)), notes),
    ...notedIn(notes),
    silences: of(({ silences }) => silences, orderSilences),
    births: of(({ births }) => births, orderBirths),
  };
}
