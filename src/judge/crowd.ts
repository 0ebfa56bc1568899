/**
 * Kills that share an instant: every one of their silences spans it. What a burst is asked about, in one pass.
 */
import { firstAtLeast } from '../base/order.ts';
import type { Responder, SilenceRecord } from '../base/record.ts';
import { TRIGGER } from '../base/silence.ts';
import type { Finding, Judgement } from './finding.ts';
import type { Overlap } from './overlap.ts';

export interface Kill {
  readonly judgement: Judgement;
  readonly finding: Finding;
  readonly record: SilenceRecord;
  /** Trigger, or the reset itself: from here on the state is known to be gone. */
  readonly goneNs: bigint;
  readonly startedNs: bigint;
  readonly silenceNs: bigint;
  readonly service: string;
  /** The service, and who spoke first after the silence. */
  readonly path: string;
  /** Its place among all kills. */
  readonly index: number;
}

export interface Crowd {
  readonly atNs: bigint;
  readonly kills: readonly Kill[];
  /** One record for each responder: what the scene is asked about. */
  readonly responders: readonly SilenceRecord[];
  readonly shortestNs: bigint;
  /** When the last of them fell silent. */
  readonly lastSilentNs: bigint;
  readonly firstGoneNs: bigint;
}

export const AT_LEAST = 5;
/** Chosen: instants looked at per group, the most crowded first; many may belong to one crowd. */
const INSTANTS = 128;

export interface Sift {
  /** How many of these overlap by chance. */
  overlapOf(kills: readonly Kill[]): Overlap;
  /** Without the responders that went on as before; null where what is left may be chance. */
  struckOf(crowd: Crowd, overlap: Overlap): Crowd | null;
  isBurst(crowd: Crowd): boolean;
}

/** What a sift leaves of crowds, the most crowded first, no kill in two of them. */
export function crowds(kills: readonly Kill[], sift: Sift): readonly Crowd[] {
  const passed: Crowd[] = [];
  if (kills.length < AT_LEAST) return passed;
  const taken = new Set<Kill>();
  const line = timeLine(kills);
  let free = kills;
  let overlap = sift.overlapOf(free);
  for (const atNs of crowdedInstants(line)) {
    const crowd = crowdOf(spanningAt(kills, line, atNs, taken), atNs);
    const struck = crowd === null ? null : sift.struckOf(crowd, overlap);
    const whole = struck === null ? null : completed(struck, free);
    if (whole === null || !sift.isBurst(whole)) continue;
    for (const kill of whole.kills) taken.add(kill);
    passed.push({ ...whole, kills: [...whole.kills].sort(byRecord) });
    free = free.filter((kill) => !taken.has(kill));
    // What one event explains is no measure of chance.
    overlap = sift.overlapOf(free);
  }
  return passed;
}

/**
 * The fullest instant may come a little late, when the first victims had noticed already: those that can still share an
 * instant with all the others, and whose responder was struck, belong to the crowd.
 */
function completed(crowd: Crowd, kills: readonly Kill[]): Crowd {
  const struck = new Set(crowd.responders.map(serviceOf));
  const known = new Set(crowd.kills);
  const early = kills.filter(
    (kill) =>
      !known.has(kill) &&
      struck.has(kill.service) &&
      crowd.lastSilentNs <= kill.goneNs &&
      kill.startedNs <= crowd.lastSilentNs,
  );
  if (early.length === 0) return crowd;
  const atNs = early.reduce((first, { goneNs }) => (goneNs < first ? goneNs : first), crowd.atNs);
  return crowdOf([...crowd.kills, ...early], atNs) ?? crowd;
}

const byRecord = (a: Kill, b: Kill): number =>
  ascending(a.goneNs, b.goneNs) || a.record.frameEnding - b.record.frameEnding;

/**
 * All moments of all kills in order, and where each kill's silence begins and ends among them: a day may have a hundred
 * thousand, each of which is asked about at every instant, and small whole numbers compare quickly.
 */
interface TimeLine {
  readonly starts: BigInt64Array;
  readonly ends: BigInt64Array;
  /** By kill: how many silences had ended before its start, and before its own end. */
  readonly startRank: Int32Array;
  readonly endRank: Int32Array;
}

function timeLine(kills: readonly Kill[]): TimeLine {
  const starts = BigInt64Array.from(kills, ({ startedNs }) => startedNs).sort();
  const ends = BigInt64Array.from(kills, ({ goneNs }) => goneNs).sort();
  return {
    starts,
    ends,
    startRank: Int32Array.from(kills, ({ startedNs }) => firstAtLeast(ends, startedNs)),
    endRank: Int32Array.from(kills, ({ goneNs }) => firstAtLeast(ends, goneNs)),
  };
}

/** Every instant is some silence's end, so its rank says on which side of it the others lie. */
function spanningAt(
  kills: readonly Kill[],
  { ends, startRank, endRank }: TimeLine,
  atNs: bigint,
  taken: ReadonlySet<Kill>,
): readonly Kill[] {
  const at = firstAtLeast(ends, atNs);
  const spanning: Kill[] = [];
  for (let i = 0; i < kills.length; i++) {
    if ((startRank[i] as number) > at || at > (endRank[i] as number)) continue;
    const kill = kills[i] as Kill;
    if (taken.size === 0 || !taken.has(kill)) spanning.push(kill);
  }
  return spanning;
}

/**
 * Moments with the most silences around them: each lies at the end of some silence. A sweep over starts and ends
 * counts them all in one pass.
 */
function crowdedInstants({ starts, ends }: TimeLine): readonly bigint[] {
  const found: { atNs: bigint; size: number }[] = [];
  let begun = 0;
  ends.forEach((atNs, ended) => {
    const before = begun;
    while (begun < starts.length && (starts[begun] ?? 0n) <= atNs) begun++;
    if (begun > before && begun - ended >= AT_LEAST) found.push({ atNs, size: begun - ended });
  });
  found.sort((a, b) => b.size - a.size || ascending(a.atNs, b.atNs));
  return found.slice(0, INSTANTS).map((instant) => instant.atNs);
}

/** Null where they are too few. */
export function crowdOf(kills: readonly Kill[], atNs: bigint): Crowd | null {
  const [first] = kills;
  if (first === undefined || kills.length < AT_LEAST) return null;
  let { silenceNs: shortestNs, goneNs: firstGoneNs, startedNs: lastSilentNs } = first;
  const responders = new Map<string, SilenceRecord>();
  let last = first;
  for (let i = 0; i < kills.length; i++) {
    const kill = kills[i] as Kill;
    // Most neighbours have one responder.
    if (kill.service !== last.service) responders.set(last.service, last.record);
    last = kill;
    if (kill.silenceNs < shortestNs) shortestNs = kill.silenceNs;
    if (kill.goneNs < firstGoneNs) firstGoneNs = kill.goneNs;
    if (kill.startedNs > lastSilentNs) lastSilentNs = kill.startedNs;
  }
  responders.set(last.service, last.record);
  const times = { shortestNs, firstGoneNs, lastSilentNs };
  return { atNs, kills, responders: [...responders.values()], ...times };
}

export const placeOf = ({ capturePoint, tunnelKind, tunnelId }: SilenceRecord): string =>
  `${capturePoint} ${tunnelKind} ${tunnelId}`;

/** One text for all records of a responder, where they share its object. */
interface Texts {
  readonly service: string;
  readonly pushed: string;
}

const known = new WeakMap<Responder, Texts>();

function textsOf(record: SilenceRecord): Texts {
  const { responder } = record;
  let texts = responder === undefined ? undefined : known.get(responder);
  if (texts !== undefined) return texts;
  const service = `${placeOf(record)} ${record.responderAddress} ${record.responderPort}`;
  texts = { service, pushed: `${service} pushed` };
  if (responder !== undefined) known.set(responder, texts);
  return texts;
}

export const serviceOf = (record: SilenceRecord): string => textsOf(record).service;

/** A reset that nobody asked for stands with the originator's silences, as in paths. */
export function pathOf(record: SilenceRecord): string {
  const { service, pushed } = textsOf(record);
  return record.triggerKind !== TRIGGER.none && record.triggerBy === 1 ? pushed : service;
}

export const ascending = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
