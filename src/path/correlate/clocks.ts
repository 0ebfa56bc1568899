/**
 * How far the clocks of several captures are apart, told by packets that both saw.
 *
 * A packet on its way from A to B shows offset + transit, one on its way back offset − transit: the median of each
 * direction, and the middle of the two, leaves half of what the ways differ. Clocks also run at different speeds: over
 * hours the offset drifts, and a straight line through the samples follows it (drift.ts). It is used to compare times of
 * different captures, never to measure a silence.
 */
import type { SideIndex } from '../../base/record.ts';
import type { Captured } from '../../dispatch/merge.ts';
import { otherSide } from '../../judge/connection.ts';
import { gather } from '../rows.ts';
import { drifted, driftOf, levelled } from './drift.ts';
import { isSwapped, type Sighting } from './sighting.ts';

export interface SourceClock {
  /** Index of the source. */
  readonly source: number;
  /** Ahead of the first source's clock; null where no packet was recognised in both. */
  readonly offsetNs: bigint | null;
  /** How much further ahead with every second; absent where the samples show none. `offsetNs` holds at `atNs`. */
  readonly drift?: { readonly perSecond: number; readonly atNs: bigint };
  /** Packets that both saw; through a proxy, which shares no packet, pairs of closes. */
  readonly matched: number;
  readonly throughProxy?: true;
}

export interface Clocks {
  readonly sources: readonly SourceClock[];
  /** A moment of a capture point on the clock of the first source; null where that cannot be told. */
  common(point: number, ns: bigint): bigint | null;
  /** The other way: a moment on the clock of the first source, on that of a capture point. */
  own(point: number, ns: bigint): bigint | null;
}

export type Pair = readonly [Sighting, Sighting];

export interface Sample {
  /** On the clock of the one that is `apartNs` ahead. */
  readonly atNs: bigint;
  readonly apartNs: bigint;
  readonly by: SideIndex;
}

const ascending = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

export function median(values: readonly bigint[]): bigint | null {
  return [...values].sort(ascending)[values.length >> 1] ?? null;
}

/** The same packets seen twice: the last before the silence, the one that broke it, its answer. */
function samples([a, b]: Pair): Sample[] {
  const [one, other] = [a.record, b.record];
  const mapped = (side: SideIndex): SideIndex => (isSwapped(one, other) ? otherSide(side) : side);
  const found: Sample[] = [];
  const add = (mine: bigint, theirs: bigint, by: SideIndex): void => {
    if (mine !== 0n && theirs !== 0n) found.push({ atNs: theirs, apartNs: theirs - mine, by });
  };
  if (other.lastBeforeBy === mapped(one.lastBeforeBy)) {
    add(one.startedAtNs, other.startedAtNs, one.lastBeforeBy);
  }
  const sameTrigger = other.triggerBy === mapped(one.triggerBy) && one.triggerKind !== 0;
  if (sameTrigger && one.triggerSeq === other.triggerSeq) {
    add(one.triggerAtNs, other.triggerAtNs, one.triggerBy);
    if (one.answeredAtNs !== 0n && other.answeredAtNs !== 0n) {
      add(one.answeredAtNs, other.answeredAtNs, otherSide(one.triggerBy));
    }
  }
  return found;
}

function offsetOf(all: readonly Sample[]): bigint | null {
  const directions = ([0, 1] as const).map((side) =>
    median(all.filter(({ by }) => by === side).map(({ apartNs }) => apartNs)),
  );
  const known = directions.filter((middle) => middle !== null);
  if (known.length === 0) return null;
  return known.reduce((sum, middle) => sum + middle, 0n) / BigInt(known.length);
}

/** Samples by the two sources they compare, either way round. */
function bySources(pairs: readonly Pair[], sourceOf: (point: number) => number) {
  const between = new Map<string, Sample[]>();
  for (const [a, b] of pairs) {
    const [from, to] = [sourceOf(a.point), sourceOf(b.point)];
    if (from === to) continue;
    for (const { atNs, apartNs, by } of samples([a, b])) {
      gather(between, `${from} ${to}`, { atNs, apartNs, by });
      gather(between, `${to} ${from}`, { atNs: atNs - apartNs, apartNs: -apartNs, by });
    }
  }
  return between;
}

/** The clock of one more source, through that of one whose clock is known. */
function behind(source: number, from: SourceClock, shared: readonly Sample[]): SourceClock | null {
  const drift = driftOf(shared);
  const level = drift === null ? shared : shared.map((one) => levelled(one, drift));
  const apart = offsetOf(level);
  if (apart === null) return null;
  const matched = shared.length;
  const atNs = drift?.atNs ?? from.drift?.atNs;
  const fromNs = offsetAt(from, (atNs ?? 0n) - apart);
  const offsetNs = (fromNs ?? 0n) + apart;
  const perSecond = (drift?.perSecond ?? 0) + (from.drift?.perSecond ?? 0);
  return atNs === undefined || perSecond === 0
    ? { source, offsetNs, matched }
    : { source, offsetNs, drift: { perSecond, atNs }, matched };
}

/** Ahead of the first source at a moment of the clock's own. */
function offsetAt({ offsetNs, drift }: SourceClock, ns: bigint): bigint | null {
  if (offsetNs === null || drift === undefined) return offsetNs;
  return offsetNs + drifted(drift, ns);
}

/** From the first source on, each time the one that shares the most packets with those known already. */
function chain(count: number, between: ReadonlyMap<string, readonly Sample[]>): SourceClock[] {
  const known = new Map<number, SourceClock>([[0, { source: 0, offsetNs: 0n, matched: 0 }]]);
  for (;;) {
    let best: { to: number; from: SourceClock; shared: readonly Sample[] } | null = null;
    for (const from of known.values()) {
      for (let to = 0; to < count; to++) {
        const shared = between.get(`${from.source} ${to}`) ?? [];
        if (known.has(to) || shared.length <= (best?.shared.length ?? 0)) continue;
        best = { to, from, shared };
      }
    }
    const next = best === null ? null : behind(best.to, best.from, best.shared);
    if (next === null) break;
    known.set(next.source, next);
  }
  return Array.from(
    { length: count },
    (_, source) => known.get(source) ?? { source, offsetNs: null, matched: 0 },
  );
}

/** The same clocks, one more of them known. */
export const withClock = (clocks: Clocks, known: SourceClock, captured: Captured): Clocks =>
  clocksOf(
    clocks.sources.map((one) => (one.source === known.source ? known : one)),
    captured,
  );

function clocksOf(sources: readonly SourceClock[], captured: Captured): Clocks {
  const nobodys: SourceClock = { source: -1, offsetNs: null, matched: 0 };
  const clockOf = (point: number): SourceClock =>
    sources[captured.capturePoints[point]?.source ?? 0] ?? nobodys;
  return {
    sources,
    common(point, ns) {
      const offset = offsetAt(clockOf(point), ns);
      return offset === null ? null : ns - offset;
    },
    own(point, ns) {
      // The offset at a moment that is off by the offset: once more, and the rest is drift squared.
      const near = offsetAt(clockOf(point), ns);
      const offset = near === null ? null : offsetAt(clockOf(point), ns + near);
      return offset === null ? null : ns + offset;
    },
  };
}

/** Interfaces of one file, and files of one vantage, have one clock. */
export const oneClock = (captured: Captured): Clocks =>
  clocksOf(
    captured.sources.map((_, source) => ({ source, offsetNs: 0n, matched: 0 })),
    captured,
  );

export function estimateClocks(pairs: readonly Pair[], captured: Captured): Clocks {
  const sourceOf = (point: number) => captured.capturePoints[point]?.source ?? 0;
  return clocksOf(chain(captured.sources.length, bySources(pairs, sourceOf)), captured);
}
