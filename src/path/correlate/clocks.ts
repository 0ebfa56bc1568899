/**
 * How far the clocks of several captures are apart, told by packets that both saw.
 *
 * A packet on its way from A to B shows offset + transit, one on its way back offset − transit: the median of each
 * direction, and the middle of the two, leaves half of what the ways differ. It is used to compare times of different
 * captures, never to measure a silence.
 */
import type { SideIndex } from '../../base/record.ts';
import type { Captured } from '../../dispatch/merge.ts';
import { otherSide } from '../../judge/connection.ts';
import { gather } from '../rows.ts';
import { isSwapped, type Sighting } from './sighting.ts';

export interface SourceClock {
  /** Index of the source. */
  readonly source: number;
  /** Ahead of the first source's clock; null where no packet was recognised in both. */
  readonly offsetNs: bigint | null;
  /** Packets that both saw; through a proxy, which shares no packet, pairs of closes. */
  readonly matched: number;
  readonly throughProxy?: true;
}

export interface Clocks {
  readonly sources: readonly SourceClock[];
  /** A moment of a capture point on the clock of the first source; null where that cannot be told. */
  common(point: number, ns: bigint): bigint | null;
}

export type Pair = readonly [Sighting, Sighting];

interface Sample {
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
    if (mine !== 0n && theirs !== 0n) found.push({ apartNs: theirs - mine, by });
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
    for (const { apartNs, by } of samples([a, b])) {
      gather(between, `${from} ${to}`, { apartNs, by });
      gather(between, `${to} ${from}`, { apartNs: -apartNs, by });
    }
  }
  return between;
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
    const apart = best === null ? null : offsetOf(best.shared);
    if (best === null || apart === null) break;
    const offsetNs = (best.from.offsetNs ?? 0n) + apart;
    known.set(best.to, { source: best.to, offsetNs, matched: best.shared.length });
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
  return {
    sources,
    common(point, ns) {
      const offset = sources[captured.capturePoints[point]?.source ?? 0]?.offsetNs ?? null;
      return offset === null ? null : ns - offset;
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
