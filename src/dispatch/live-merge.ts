/**
 * What the workers of one live capture counted, those that died included → one. All watch the same interfaces in the
 * same order, so that an index means the same in each.
 */
import { BLIND_SPOT, UNOBSERVED } from '../base/silence.ts';
import { layoutBytes } from '../base/layout.ts';
import type { CapturePointFacts, Counters } from '../capture/addon.ts';
import type { LiveSnapshot, LiveSource } from '../capture/live.ts';
import type { BlindTime } from './live-member.ts';
import { addCounters, addTallies, type Captured, notedIn, withDropped } from './merge.ts';
import { mergeNotes } from './notes.ts';

const earliest = (a: bigint, b: bigint): bigint => (a === 0n || (b !== 0n && b < a) ? b : a);
const latest = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** `up` is that of the newest. */
export function mergeSource(a: LiveSource, b: LiveSource): LiveSource {
  return {
    ...b,
    frames: a.frames + b.frames,
    dropped: a.dropped + b.dropped,
    filtered: a.filtered + b.filtered,
    firstAtNs: earliest(a.firstAtNs, b.firstAtNs),
    lastAtNs: latest(a.lastAtNs, b.lastAtNs),
    fates: addTallies([a.fates, b.fates]),
  };
}

function mergePoint(a: CapturePointFacts, b: CapturePointFacts): CapturePointFacts {
  return {
    ...b,
    sources: [...new Set([...a.sources, ...b.sources])].sort((one, other) => one - other),
    packets: a.packets + b.packets,
    firstAtNs: earliest(a.firstAtNs, b.firstAtNs),
    lastAtNs: latest(a.lastAtNs, b.lastAtNs),
  };
}

/** The longest list's length; at each index all that have one, merged. */
export function byIndex<T>(lists: readonly (readonly T[])[], merge: (a: T, b: T) => T): T[] {
  const out: T[] = [];
  for (const list of lists) {
    list.forEach((one, i) => {
      const before = out[i];
      out[i] = before === undefined ? one : merge(before, one);
    });
  }
  return out;
}

/** Table memory is what the living have. */
function countersOf(past: readonly LiveSnapshot[], living: readonly LiveSnapshot[]): Counters {
  const of = (all: readonly LiveSnapshot[]) => all.map(({ counters }) => counters);
  const sum = addCounters(of([...past, ...living]));
  return { ...sum, tableBytes: addCounters(of(living)).tableBytes };
}

function blindRow({ fromNs, untilNs }: BlindTime, point: number): Uint8Array {
  const row = new DataView(new ArrayBuffer(layoutBytes(BLIND_SPOT)));
  row.setBigUint64(BLIND_SPOT.fromNs[0], fromNs, true);
  row.setBigUint64(BLIND_SPOT.untilNs[0], untilNs, true);
  row.setUint16(BLIND_SPOT.capturePoint[0], point, true);
  row.setUint8(BLIND_SPOT.because[0], UNOBSERVED.captureHole);
  return new Uint8Array(row.buffer);
}

/** Everything but the records themselves. An interface is seen for as long as its clock was led on. */
export function mergeLive(
  past: readonly LiveSnapshot[],
  living: readonly LiveSnapshot[],
  restarts: readonly BlindTime[],
): Captured {
  const all = [...past, ...living];
  const capturePoints = byIndex(
    all.map((one) => one.capturePoints),
    mergePoint,
  );
  const seenUntil = (source: number, lastAtNs: bigint): bigint =>
    capturePoints
      .filter((point) => point.source === source)
      .reduce((last, point) => latest(last, point.lastAtNs), lastAtNs);
  const sources = byIndex(
    all.map((one) => one.sources),
    mergeSource,
  ).map((source, i) => ({ ...source, lastAtNs: seenUntil(i, source.lastAtNs) }));
  const blind = restarts.flatMap((time) => capturePoints.map((_, point) => blindRow(time, point)));
  const empty = new Uint8Array();
  const notes = mergeNotes(all);
  return {
    sources,
    capturePoints,
    counters: withDropped(countersOf(past, living), notes),
    ...notedIn(notes),
    silences: empty,
    births: empty,
    blindSpots: new Uint8Array(Buffer.concat([...all.map((one) => one.blindSpots), ...blind])),
  };
}
