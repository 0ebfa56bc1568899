/**
 * Claim: a connection that goes on without a SYN from another source, after a silence, had its row in a translator thrown
 * away: the next packet got a new row (`remap`), or none at all and went out untranslated (`leak`).
 *
 * Why: no endpoint changes the port of a running connection; both sides' numbers are 64 bits that nothing else repeats.
 * `leak` where the new source is private (RFC 1918, RFC 4193, RFC 6598) and the old one is not, port unchanged, or
 * where the other side of the box knows the connection by that very tuple.
 * Contradicted by anything on the old tuple meanwhile: then the old row is alive. A server without that socket answers a
 * remapped packet with a reset; nobody can answer a leaked one.
 *
 *   203.0.113.1:40000 > server data · 350 s · 203.0.113.1:52001 > server data, next seq, no SYN   → remap
 *   203.0.113.1:40000 > server data · 350 s · 10.0.0.2:40000 > server data, next seq, no SYN      → leak
 */
import type { SideIndex, SilenceRecord } from '../../base/record.ts';
import { OUTCOME, SILENCE_KIND, TRIGGER } from '../../base/silence.ts';
import { otherSide } from '../../judge/connection.ts';
import type { Endpoint, Tuple } from '../../judge/finding.ts';
import type { Birth, Births } from './births.ts';
import type { Clocks } from './clocks.ts';
import { sameTuple, type Sighting, tupleOf } from './sighting.ts';

export interface CameBack {
  readonly as: 'remap' | 'leak';
  /** Who went on speaking. */
  readonly by: SideIndex;
  readonly birth: Birth;
  /** The connection's new tuple, as the record's sides stand. */
  readonly tuple: Tuple;
}

const ends = ({ originator, responder }: Tuple, side: SideIndex): Endpoint =>
  side === 0 ? originator : responder;

const isPrivate = (address: string): boolean =>
  address.includes(':')
    ? /^f[cd]/.test(address)
    : /^(10|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./.test(
        address,
      );

const sameEnd = (a: Endpoint, b: Endpoint): boolean => a.address === b.address && a.port === b.port;

/** `tuple` with another endpoint on one side. */
const withEnd = (tuple: Tuple, side: SideIndex, end: Endpoint): Tuple =>
  side === 0 ? { ...tuple, originator: end } : { ...tuple, responder: end };

/** The first packet after the silence that goes on where `side` stopped: its next byte, or a probe one before it. */
function continuation(record: SilenceRecord, side: SideIndex, births: Births): Birth | null {
  const { nxt, ack } = record.sides[side];
  const tuple = tupleOf(record);
  const wanted = { to: ends(tuple, otherSide(side)), ack };
  const tunnel = `${record.tunnelKind}/${record.tunnelId}`;
  const fits = (birth: Birth): boolean =>
    birth.point === record.capturePoint &&
    birth.tunnel === tunnel &&
    birth.atNs >= record.startedAtNs &&
    birth.atNs <= record.endedAtNs &&
    !sameEnd(birth.from, ends(tuple, side));
  const found = [nxt, (nxt - 1) >>> 0]
    .flatMap((seq) => births.continuing({ ...wanted, seq }))
    .filter(fits);
  return found.reduce<Birth | null>(
    (first, birth) => (first === null || birth.atNs < first.atNs ? birth : first),
    null,
  );
}

const silent: readonly number[] = [OUTCOME.open, OUTCOME.killed];

function kindOf(old: Endpoint, birth: Birth, known: readonly Tuple[], tuple: Tuple) {
  if (known.some((there) => sameTuple(there, tuple))) return 'leak';
  const untranslated = birth.from.port === old.port && birth.from.address !== old.address;
  return untranslated && isPrivate(birth.from.address) && !isPrivate(old.address)
    ? 'leak'
    : 'remap';
}

/** `known`: the connection's tuples at other capture points. */
export function cameBack(
  { record }: Sighting,
  births: Births,
  known: readonly Tuple[],
): CameBack | null {
  if (record.kind !== SILENCE_KIND.packet || !silent.includes(record.outcome)) return null;
  for (const by of [0, 1] as const) {
    const birth = continuation(record, by, births);
    if (birth === null) continue;
    const tuple = withEnd(tupleOf(record), by, birth.from);
    return { as: kindOf(ends(tupleOf(record), by), birth, known, tuple), by, birth, tuple };
  }
  return null;
}

/** Chosen: what clocks of two captures may still be apart. */
const SAME_NS = 250_000_000n;

/**
 * The trigger of a silence here that came out elsewhere as the beginning of another tuple. `tupleAt`: what the connection
 * was called there before; unknown, the packet may just be the first that was captured there.
 */
export function cameOut(
  { record }: Sighting,
  births: Births,
  clocks: Clocks,
  tupleAt: (point: number) => Tuple | null,
): CameBack | null {
  const by = record.triggerBy;
  const mine = tupleOf(record);
  const wanted = { to: ends(mine, otherSide(by)), seq: record.triggerSeq, ack: record.triggerAck };
  const at = clocks.common(record.capturePoint, record.triggerAtNs);
  if (at === null || record.triggerKind === TRIGGER.none) return null;
  for (const birth of births.continuing(wanted)) {
    const old = tupleAt(birth.point);
    const then = clocks.common(birth.point, birth.atNs);
    if (old === null || then === null || then + SAME_NS < at) continue;
    const tuple = withEnd(old, by, birth.from);
    if (birth.payload !== record.triggerPayload || sameTuple(tuple, old)) continue;
    return { as: sameEnd(birth.from, ends(mine, by)) ? 'leak' : 'remap', by, birth, tuple };
  }
  return null;
}
