/**
 * Rows that are counted per responder, of several shards → those that one shard would have kept, below the same
 * ceilings (native/flow/thin.h has the proof). Places come first: where they are too many, all tables lose theirs.
 */
import { addon, type Finished } from '../capture/addon.ts';
import { NOTE_TABLES, type NoteTable, type Thinned } from '../capture/notes.ts';
import {
  distinctPlaces,
  mergeAlive,
  mergeGreetings,
  mergeResetSeconds,
  mergeSurvivors,
  mergeUndecided,
} from './gathered.ts';

type Noted = Pick<Finished, NoteTable | 'thinned'>;

export interface MergedNotes {
  /** One row a key. */
  readonly rows: Readonly<Record<NoteTable, Uint8Array>>;
  /** By table: of all responders those were kept that are one in 2^level. */
  readonly levels: Readonly<Record<NoteTable, number>>;
  /** Silences and resets that the rows dropped here had counted. */
  readonly dropped: number;
}

const MERGES: Readonly<Record<NoteTable, (parts: readonly Uint8Array[]) => Uint8Array>> = {
  places: distinctPlaces,
  survivors: mergeSurvivors,
  undecided: mergeUndecided,
  alive: mergeAlive,
  resetSeconds: mergeResetSeconds,
  greetings: mergeGreetings,
};

/** Of a worker that told nothing. */
export const NOTHING_THINNED: Thinned = Object.fromEntries(
  NOTE_TABLES.map((table) => [table, { level: 0, most: 0 }]),
) as Thinned;

/** Below the ceiling of `table`, from the highest level of all shards, and of the places, on. */
function thin(table: NoteTable, all: readonly Noted[], placesLevel: number) {
  const rows = MERGES[table](all.map((one) => one[table]));
  const own = all.map(({ thinned }) => thinned[table]);
  const level = Math.max(placesLevel, ...own.map((one) => one.level));
  return addon().thin(table, [rows], { level, most: Math.max(0, ...own.map(({ most }) => most)) });
}

export function mergeNotes(all: readonly Noted[]): MergedNotes {
  const placesLevel = thin('places', all, 0).level;
  const tables = NOTE_TABLES.map((table) => [table, thin(table, all, placesLevel)] as const);
  const each = <T>(pick: (one: ReturnType<typeof thin>) => T) =>
    Object.fromEntries(tables.map(([table, one]) => [table, pick(one)])) as Record<NoteTable, T>;
  return {
    rows: each(({ rows }) => rows),
    levels: each(({ level }) => level),
    dropped: tables.reduce((sum, [, { dropped }]) => sum + dropped, 0),
  };
}
