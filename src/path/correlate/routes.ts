/**
 * Routes: which capture points the connections to one responder cross, and in which order, learnt from twins.
 *
 * What a route is for: a silence that began shortly before a capture point saw its last packet has no record there. Its
 * connection is known from an earlier silence, or from all of its fellows having been seen there.
 */
import type { SideIndex, SilenceRecord } from '../../base/record.ts';
import { otherSide } from '../../judge/connection.ts';
import type { Tuple } from '../../judge/finding.ts';
import { flipped, isSwapped, sawBothWays, type Sighting, tupleOf } from './sighting.ts';
import type { Twins } from './twins.ts';

export interface Route {
  readonly from: number;
  readonly to: number;
  /** Connections seen at both points. */
  readonly flows: ReadonlySet<string>;
  /** Is `to` nearer to the responder than `from`? Null where neither TTL nor time tells. */
  readonly nearerToResponder: boolean | null;
  /** Silences that would have a record at `to`, did their connections cross it, and have none. */
  readonly strangers: number;
}

export interface Routes {
  from(sighting: Sighting): Iterable<Route>;
  /** The connection's tuple at another point, as the sighting's sides stand. */
  tupleAt(sighting: Sighting, point: number): Tuple | null;
}

class Draft implements Route {
  readonly flows = new Set<string>();
  readonly from: number;
  readonly to: number;
  votes = 0;
  strangers = 0;

  constructor(from: number, to: number) {
    this.from = from;
    this.to = to;
  }

  get nearerToResponder(): boolean | null {
    return this.votes === 0 ? null : this.votes > 0;
  }
}

const sign = (value: number): number => (value > 0 ? 1 : value < 0 ? -1 : 0);

/** Each router takes one off: whoever has the higher TTL of a sender's packets is nearer to that sender. */
function byTtl(a: SilenceRecord, b: SilenceRecord, swapped: boolean): number {
  const step = (side: SideIndex): number => {
    const [mine, theirs] = [a.sides[side], b.sides[swapped ? otherSide(side) : side]];
    if (mine.ttlData === 0 || theirs.ttlData === 0) return 0;
    return sign(theirs.ttlData - mine.ttlData);
  };
  return step(1) - step(0);
}

/** Two interfaces of one clock: a packet is seen first where it comes from. */
function byTime(a: SilenceRecord, b: SilenceRecord): number {
  const sooner = a.startedAtNs < b.startedAtNs ? 1 : a.startedAtNs > b.startedAtNs ? -1 : 0;
  return a.lastBeforeBy === 0 ? sooner : -sooner;
}

class Learnt implements Routes {
  readonly #drafts = new Map<string, Map<number, Draft>>();
  readonly #tuples = new Map<string, Tuple>();

  add(a: Sighting, b: Sighting, oneClock: boolean): void {
    const swapped = isSwapped(a.record, b.record);
    const ttl = byTtl(a.record, b.record, swapped);
    const draft = this.#draft(a, b);
    draft.votes += sign(ttl !== 0 ? ttl : oneClock ? byTime(a.record, b.record) : 0);
    if (sawBothWays(b.record)) draft.flows.add(a.flow);
    const there = tupleOf(b.record);
    this.#tuples.set(`${a.flow} ${b.point}`, swapped ? flipped(there) : there);
  }

  #draft({ place, point }: Sighting, b: Sighting): Draft {
    let drafts = this.#drafts.get(place);
    if (drafts === undefined) this.#drafts.set(place, (drafts = new Map<number, Draft>()));
    let draft = drafts.get(b.point);
    if (draft === undefined) drafts.set(b.point, (draft = new Draft(point, b.point)));
    return draft;
  }

  from({ place }: Sighting): Iterable<Draft> {
    return this.#drafts.get(place)?.values() ?? [];
  }

  /** `expected`: would this silence have a record at that point? */
  meet(sighting: Sighting, expected: (sighting: Sighting, point: number) => boolean): void {
    for (const draft of this.from(sighting)) {
      if (!draft.flows.has(sighting.flow) && expected(sighting, draft.to)) draft.strangers += 1;
    }
  }

  tupleAt({ flow }: Sighting, point: number): Tuple | null {
    return this.#tuples.get(`${flow} ${point}`) ?? null;
  }
}

export interface Lessons {
  readonly twins: Twins;
  readonly sightings: readonly Sighting[];
  readonly oneClock: (a: number, b: number) => boolean;
  readonly expected: (sighting: Sighting, point: number) => boolean;
}

export function learnRoutes({ twins, sightings, oneClock, expected }: Lessons): Routes {
  const learnt = new Learnt();
  for (const [a, b] of twins.pairs) {
    const same = oneClock(a.point, b.point);
    learnt.add(a, b, same);
    learnt.add(b, a, same);
  }
  for (const sighting of sightings) learnt.meet(sighting, expected);
  return learnt;
}
