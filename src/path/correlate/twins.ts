/**
 * Twins: the same silence of the same connection, seen at two capture points.
 *
 * Matched by the surest key first (sighting.ts); a key that several silences of one point share is settled by time, on
 * the common clock. Two silences of one point never have the same twin. What no key tells apart stays unmatched: a
 * missing twin costs a proof, a wrong one would invent it. Maps and sorts only: O(n log n).
 */
import type { Captured } from '../../dispatch/merge.ts';
import { gather } from '../rows.ts';
import { type Clocks, estimateClocks, oneClock, type Pair } from './clocks.ts';
import { CLOCKLESS, isSwapped, type Key, KEYS, type Sighting } from './sighting.ts';

export interface Twin {
  readonly sighting: Sighting;
  /** Its sides stand the other way round. */
  readonly swapped: boolean;
}

export interface Twins {
  readonly clocks: Clocks;
  of(sighting: Sighting): readonly Twin[];
  readonly pairs: readonly Pair[];
}

/** Chosen: more than a packet takes through a box, less than silences of one connection lie apart. */
export const NEAR_NS = 250_000_000n;

/** Of each capture point the silences that share a key. */
function buckets(sightings: readonly Sighting[], key: Key): Map<string, Map<number, Sighting[]>> {
  const found = new Map<string, Map<number, Sighting[]>>();
  for (const sighting of sightings) {
    const name = key(sighting.record);
    if (name === null) continue;
    let points = found.get(name);
    if (points === undefined) found.set(name, (points = new Map<number, Sighting[]>()));
    gather(points, sighting.point, sighting);
  }
  return found;
}

type Match = (a: readonly Sighting[], b: readonly Sighting[]) => readonly Pair[];

function* matches(sightings: readonly Sighting[], key: Key, match: Match): Generator<Pair> {
  for (const points of buckets(sightings, key).values()) {
    if (points.size < 2) continue;
    const lists = [...points.values()];
    for (let i = 0; i < lists.length; i++) {
      for (let j = i + 1; j < lists.length; j++) yield* match(lists[i] ?? [], lists[j] ?? []);
    }
  }
}

/** Without a common clock only what is the only one of its kind. */
const onlyOnes: Match = ([a, ...others], [b, ...more]) =>
  a !== undefined && b !== undefined && others.length + more.length === 0 ? [[a, b]] : [];

interface Timed {
  readonly sighting: Sighting;
  readonly atNs: bigint;
}

const timed = (list: readonly Sighting[], clocks: Clocks): Timed[] =>
  list
    .flatMap((sighting) => {
      const atNs = clocks.common(sighting.point, sighting.startNs);
      return atNs === null ? [] : [{ sighting, atNs }];
    })
    .sort((a, b) => (a.atNs < b.atNs ? -1 : a.atNs > b.atNs ? 1 : 0));

/** Silences of one connection do not overlap: both lists are walked once. */
const byTime =
  (clocks: Clocks): Match =>
  (a, b) => {
    const [mine, theirs] = [timed(a, clocks), timed(b, clocks)];
    const pairs: Pair[] = [];
    for (let i = 0, j = 0; i < mine.length && j < theirs.length; ) {
      const [one, other] = [mine[i] as Timed, theirs[j] as Timed];
      const apart = one.atNs - other.atNs;
      if (apart <= NEAR_NS && -apart <= NEAR_NS) pairs.push([one.sighting, other.sighting]);
      if (apart <= NEAR_NS) i++;
      if (-apart <= NEAR_NS) j++;
    }
    return pairs;
  };

/** IP-ID and window are few bits: a pair counts only where neither has a second candidate. */
const onlyByTime =
  (clocks: Clocks): Match =>
  (a, b) =>
    a.length + b.length > 2 ? [] : byTime(clocks)(a, b);

class Book implements Twins {
  readonly clocks: Clocks;
  readonly pairs: Pair[] = [];
  readonly #twins = new Map<Sighting, Twin[]>();

  constructor(clocks: Clocks) {
    this.clocks = clocks;
  }

  of(sighting: Sighting): readonly Twin[] {
    return this.#twins.get(sighting) ?? [];
  }

  #has(sighting: Sighting, point: number): boolean {
    return this.of(sighting).some((twin) => twin.sighting.point === point);
  }

  add(pair: Pair): void {
    const [a, b] = pair;
    if (this.#has(a, b.point) || this.#has(b, a.point)) return;
    const swapped = isSwapped(a.record, b.record);
    gather(this.#twins, a, { sighting: b, swapped });
    gather(this.#twins, b, { sighting: a, swapped });
    this.pairs.push(pair);
  }
}

/** Pairs that need no clock: by numbers, or by timestamps where a box rewrites the numbers. */
function surePairs(sightings: readonly Sighting[]): readonly Pair[] {
  for (const key of CLOCKLESS) {
    const pairs = [...matches(sightings, key, onlyOnes)];
    if (pairs.length > 0) return pairs;
  }
  return [];
}

/** `apart`: the sources have clocks of their own. */
export function findTwins(
  sightings: readonly Sighting[],
  captured: Captured,
  apart: boolean,
): Twins {
  const [surest, ...weaker] = KEYS;
  const clocks = apart ? estimateClocks(surePairs(sightings), captured) : oneClock(captured);
  const book = new Book(clocks);
  const points = new Set(sightings.map(({ point }) => point)).size;
  if (points < 2) return book;
  for (const pair of matches(sightings, surest, byTime(clocks))) book.add(pair);
  for (const key of weaker) {
    const left = sightings.filter((sighting) => book.of(sighting).length < points - 1);
    for (const pair of [...matches(left, key, onlyByTime(clocks))]) book.add(pair);
  }
  return book;
}
