/**
 * Claim: what went into a box and never came out, or came out of it and never went in, ended inside of it.
 *
 * Why: a packet from an endpoint crosses every capture point between that endpoint and whoever sees it. A reset that
 * answers a trigger at one side of a box, where the other side, nearer to the reset's sender, saw neither, was made
 * between them. So was a reset that nobody asked for. Retransmissions that went in and never came out were dropped
 * between them.
 * Contradicted by the same reset on both sides (it crossed), by a trigger that came out, and by a point that was not
 * watching or stands on the wrong side: a reset that came from beyond and was not let through proves nothing.
 */
import type { SideIndex, SilenceRecord } from '../../base/record.ts';
import { ENDING, OUTCOME, TRIGGER } from '../../base/silence.ts';
import { endedByReset, otherSide, triggered } from '../../judge/connection.ts';
import type { Tuple } from '../../judge/finding.ts';
import type { Clocks } from './clocks.ts';
import type { Route, Routes } from './routes.ts';
import { flipped, sawBothWays, type Sighting, tupleOf } from './sighting.ts';
import { NEAR_NS, type Twin, type Twins } from './twins.ts';
import type { Watch } from './watch.ts';

export interface Ground {
  readonly twins: Twins;
  readonly clocks: Clocks;
  readonly routes: Routes;
  readonly watch: Watch;
}

export interface Proof {
  /** Where it was not seen. */
  readonly point: number;
  readonly weight: number;
  readonly assumed: boolean;
}

const map = (side: SideIndex, swapped: boolean): SideIndex => (swapped ? otherSide(side) : side);

export const tupleThere = ({ sighting, swapped }: Twin): Tuple =>
  swapped ? flipped(tupleOf(sighting.record)) : tupleOf(sighting.record);

/** Bytes that the trigger lies behind what its sender had sent: the same at every point, rewritten numbers or not. */
const triggerOffset = (record: SilenceRecord): number =>
  (record.triggerSeq - record.sides[record.triggerBy].nxt) | 0;

export function sameTrigger(a: SilenceRecord, b: SilenceRecord, swapped: boolean): boolean {
  if (!triggered(a) || !triggered(b) || b.triggerBy !== map(a.triggerBy, swapped)) return false;
  return triggerOffset(a) === triggerOffset(b) && a.triggerPayload === b.triggerPayload;
}

/** A reset or FIN in the same name, as the ending or as the second of a pair. */
export function sameEnding(a: SilenceRecord, b: SilenceRecord, swapped: boolean): boolean {
  if (a.endingKind === ENDING.none) return false;
  const by = map(a.endingBy, swapped);
  if (b.endingKind === a.endingKind && b.endingBy === by) return true;
  return a.endingKind === ENDING.rst && b.pairAtNs !== 0n && b.pairBy === by;
}

/** The end that stayed away, or in whose name the ending was sent: a proof needs eyes nearer to it. */
const awayFrom = (record: SilenceRecord): SideIndex =>
  record.endingKind === ENDING.none || record.endingBy === record.triggerBy
    ? triggered(record)
      ? otherSide(record.triggerBy)
      : record.endingBy
    : record.endingBy;

function nearer(route: Route, record: SilenceRecord): boolean | null {
  if (route.nearerToResponder === null) return null;
  return awayFrom(record) === 1 ? route.nearerToResponder : !route.nearerToResponder;
}

/** From the packet that broke the silence to the last that has to do with it. */
function stretch(record: SilenceRecord): readonly [bigint, bigint] {
  const moments = [record.endingAtNs, record.lastRetransmissionAtNs, record.endedAtNs];
  return [record.endedAtNs, moments.reduce((a, b) => (a > b ? a : b))];
}

/** Did the twin see nothing of it? It was still silent then, or to the end of its capture. */
function twinSawNothing(sighting: Sighting, { sighting: there, swapped }: Twin, ground: Ground) {
  const [mine, theirs] = [sighting.record, there.record];
  if (theirs.outcome === OUTCOME.unobserved || !sawBothWays(theirs)) return false;
  if (sameTrigger(mine, theirs, swapped) || sameEnding(mine, theirs, swapped)) return false;
  if (theirs.outcome === OUTCOME.open && theirs.triggerKind === TRIGGER.none) return true;
  const broken = ground.clocks.common(there.point, theirs.endedAtNs);
  const over = ground.clocks.common(sighting.point, stretch(mine)[1]);
  return broken !== null && over !== null && broken + NEAR_NS >= over;
}

/** Chosen: fellows enough to say that this connection, too, crosses the point. */
const FELLOWS = 3;

/** No record there: then nothing more may have been seen there at all, and the connection must be known to cross. */
function pointFellSilent(sighting: Sighting, route: Route, ground: Ground): boolean {
  const { record } = sighting;
  const known = route.flows.has(sighting.flow);
  if (!known && (route.flows.size < FELLOWS || route.strangers > 0)) return false;
  const last = ground.watch.lastNs(route.to);
  const broken = ground.clocks.common(sighting.point, record.endedAtNs);
  return last !== null && broken !== null && last < broken;
}

function proofAt(sighting: Sighting, route: Route, ground: Ground): Proof | null {
  const { record } = sighting;
  const twin = ground.twins.of(sighting).find((one) => one.sighting.point === route.to);
  const sawNothing =
    twin === undefined
      ? pointFellSilent(sighting, route, ground)
      : twinSawNothing(sighting, twin, ground);
  if (!sawNothing) return null;
  const [from, until] = stretch(record);
  const watched = ground.watch.over(route.to, record, from, until);
  if (watched === null) return null;
  const side = nearer(route, record);
  // Where nobody knows the order, the trigger itself tells: it was seen here and not there, so "there" lies behind.
  if (side === false || (side === null && (watched.assumed || !triggered(record)))) return null;
  return { point: route.to, ...watched };
}

/** The strongest proof that what ended this silence happened between two capture points; null where none does. */
export function endedInside(sighting: Sighting, ground: Ground): Proof | null {
  let best: Proof | null = null;
  for (const route of ground.routes.from(sighting)) {
    const proof = proofAt(sighting, route, ground);
    if (proof !== null && proof.weight > (best?.weight ?? 0)) best = proof;
  }
  return best;
}

/** The point at which the same ending was seen as well: it crossed whatever stands between. */
export function crossed(sighting: Sighting, { twins }: Ground): Twin | null {
  const { record } = sighting;
  return (
    twins.of(sighting).find((twin) => sameEnding(record, twin.sighting.record, twin.swapped)) ??
    null
  );
}

/** Twins that a reset had ended before this silence was broken. */
export function resetBefore(sighting: Sighting, { twins, clocks }: Ground): readonly Sighting[] {
  const at = clocks.common(sighting.point, sighting.record.endedAtNs);
  return twins.of(sighting).flatMap(({ sighting: there }) => {
    const over = clocks.common(there.point, there.record.endingAtNs);
    const reset = endedByReset(there.record) && at !== null && over !== null;
    return reset && over + NEAR_NS < at ? [there] : [];
  });
}
