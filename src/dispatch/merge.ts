/** What the shards of one capture return → one, the same for any number of shards (design: shards share nothing). */
import type { CapturePointFacts, Counters, Finished, SourceFacts } from '../capture/addon.ts';
import {
  mergeAlive,
  mergeResetSeconds,
  mergeSurvivors,
  orderBirths,
  orderSilences,
} from './gathered.ts';
import { mergeGreetings } from './greetings.ts';

/** Everything that one capture gave: packed records in a fixed order, rows with one row a key, counts added up. */
export interface Captured {
  readonly sources: readonly SourceFacts[];
  readonly capturePoints: readonly CapturePointFacts[];
  readonly counters: Counters;
  /** SILENCE records by ending, then frame, then tuple. */
  readonly silences: Uint8Array;
  /** BIRTH records by time, then frame, then tuple. */
  readonly births: Uint8Array;
  /** SURVIVOR_BIN records. */
  readonly survivors: Uint8Array;
  /** ALIVE_STRIP records. */
  readonly alive: Uint8Array;
  /** RESET_SECOND records. */
  readonly resetSeconds: Uint8Array;
  /** GREETING records, the earliest of each responder. */
  readonly greetings: Uint8Array;
  /** BLIND_SPOT records. */
  readonly blindSpots: Uint8Array;
}

export interface ShardYield {
  readonly finished: Finished;
  readonly silences: readonly Uint8Array[];
  readonly births: readonly Uint8Array[];
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

/** `parts` in the order of their shards: facts about the sources come from the first, every shard saw the same. */
export function mergeShards(parts: readonly [ShardYield, ...ShardYield[]]): Captured {
  const finished = parts.map((part) => part.finished);
  const { sources, capturePoints, blindSpots } = parts[0].finished;
  return {
    sources,
    capturePoints,
    blindSpots,
    counters: addCounters(finished.map(({ counters }) => counters)),
    silences: orderSilences(parts.flatMap(({ silences }) => silences)),
    births: orderBirths(parts.flatMap(({ births }) => births)),
    survivors: mergeSurvivors(finished.map(({ survivors }) => survivors)),
    alive: mergeAlive(finished.map(({ alive }) => alive)),
    greetings: mergeGreetings(finished.map(({ greetings }) => greetings)),
    resetSeconds: mergeResetSeconds(finished.map(({ resetSeconds }) => resetSeconds)),
  };
}
