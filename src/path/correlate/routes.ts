/**
 * Routes: which capture points the connections to one responder cross, and in which order, learnt from twins.
 *
 * What a route is for: a silence that began shortly before a capture point saw its last packet has no record there. Its
 * connection is known from an earlier silence, or from all of its fellows having been seen there.
 */
import type { SideIndex, SilenceRecord } from '../../base/record.ts';
import { otherSide } from '../../judge/connection.ts';
import type { Tuple } from '../../judge/finding.ts';
import { flipped, flowKey, isSwapped, sawBothWays, type Sighting, tupleOf } from './sighting.ts';
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
  from(record: SilenceRecord): readonly Route[];
  /** The connection's tuple at another point, as the record's sides stand. */
  tupleAt(record: SilenceRecord, point: number): Tuple | null;
}

interface Draft {
  readonly from: number;
  readonly to: number;
  readonly flows: Set<string>;
  votes: number;
  strangers: number;
}

const placeKey = (record: SilenceRecord): string =>
  `${record.capturePoint} ${record.tunnelKind}/${record.tunnelId} ${record.responderAddress} ${record.responderPort}`;

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
    const vote = sign(ttl !== 0 ? ttl : oneClock ? byTime(a.record, b.record) : 0);
    const draft = this.#draft(a, b);
    if (sawBothWays(b.record)) draft.flows.add(flowKey(a.record));
    draft.votes += vote;
    const there = tupleOf(b.record);
    this.#tuples.set(`${flowKey(a.record)} ${b.point}`, swapped ? flipped(there) : there);
  }

  #draft(a: Sighting, b: Sighting): Draft {
    const key = placeKey(a.record);
    let drafts = this.#drafts.get(key);
    if (drafts === undefined) this.#drafts.set(key, (drafts = new Map<number, Draft>()));
    let draft = drafts.get(b.point);
    if (draft === undefined) {
      draft = { from: a.point, to: b.point, flows: new Set(), votes: 0, strangers: 0 };
      drafts.set(b.point, draft);
    }
    return draft;
  }

  from(record: SilenceRecord): readonly Route[] {
    const drafts = this.#drafts.get(placeKey(record))?.values() ?? [];
    return Array.from(drafts, ({ from, to, flows, votes, strangers }) => ({
      from,
      to,
      flows,
      nearerToResponder: votes === 0 ? null : votes > 0,
      strangers,
    }));
  }

  /** `expected`: would this silence have a record at that point? */
  meet(sighting: Sighting, expected: (sighting: Sighting, point: number) => boolean): void {
    for (const draft of this.#drafts.get(placeKey(sighting.record))?.values() ?? []) {
      if (!draft.flows.has(flowKey(sighting.record)) && expected(sighting, draft.to)) {
        draft.strangers += 1;
      }
    }
  }

  tupleAt(record: SilenceRecord, point: number): Tuple | null {
    return this.#tuples.get(`${flowKey(record)} ${point}`) ?? null;
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
