/** What several shards found, packed → one table in an order that no number of shards can change (native/flow/gather.h). */
import { addon, type CloseColumns } from '../capture/addon.ts';

export type Gather = (parts: readonly Uint8Array[]) => Uint8Array;

/** By time, then by frame, then by their bytes. */
export const orderSilences: Gather = (parts) => addon().gather('silences', parts);
export const orderBirths: Gather = (parts) => addon().gather('births', parts);

/** One row a key, in the order of their keys. */
export const mergeSurvivors: Gather = (parts) => addon().gather('survivors', parts);
export const mergeUndecided: Gather = (parts) => addon().gather('undecided', parts);
export const mergeAlive: Gather = (parts) => addon().gather('alive', parts);
export const mergeResetSeconds: Gather = (parts) => addon().gather('resetSeconds', parts);
/** The earliest few of each responder, side and kind of beginning. */
export const mergeGreetings: Gather = (parts) => addon().gather('greetings', parts);
/** 64-bit hashes, each once. */
export const distinctPlaces: Gather = (parts) => addon().gather('places', parts);

/** Of ordered records. */
export const closesIn = (silences: Uint8Array): CloseColumns => addon().layOutCloses(silences);
