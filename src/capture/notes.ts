/** The tables of what is counted per responder, and their ceilings: what native/flow/thin.h calls so. */

export interface NoteCeilings {
  /** 0: a quarter of maxFlows, at least 1024. */
  readonly places: number;
  readonly survivors: number;
  readonly undecided: number;
  /** Besides one for each place. */
  readonly strips: number;
  readonly resetSeconds: number;
  readonly greetings: number;
}

/** What is counted per responder; `places` are the responders themselves, as 64-bit hashes. */
export const NOTE_TABLES = [
  'places',
  'survivors',
  'undecided',
  'alive',
  'resetSeconds',
  'greetings',
] as const;
export type NoteTable = (typeof NOTE_TABLES)[number];

/** By table: only responders that are one in 2^level are kept; `most` rows fit. */
export type Thinned = Readonly<
  Record<NoteTable, { readonly level: number; readonly most: number }>
>;
