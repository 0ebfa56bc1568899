/**
 * Claim: when the connections that one side closes after idle are closed together with others, pair by pair, a proxy
 * stands between: both are legs of the same conversations, and the idle timer is the proxy's.
 *
 * Why: a proxy ends the client's connection as its responder and opens the server's as its originator; when its timer
 * runs out it closes both at once, equally long after the last payload. One leg cannot tell that from an application
 * (idle-close.ts). Contradicted by one connection seen twice (the same side closes, and twins have the same numbers), by
 * fewer than three pairs, and by closes of which most have no partner.
 *
 *   client > proxy   payload · 8 s · proxy > client FIN
 *   proxy  > server  payload · 8 s · proxy > server FIN, 0.2 ms later, every time   → a proxy
 */
import type { SilenceRecord } from '../../base/record.ts';
import { payloadIdleNs } from '../../judge/connection.ts';
import type { Judgement, Tuple } from '../../judge/finding.ts';
import { gather } from '../rows.ts';
import type { Clocks } from './clocks.ts';
import { tupleOf } from './sighting.ts';

export interface Leg {
  readonly index: number;
  readonly tuple: Tuple;
  readonly apartNs: bigint;
  /** Pairs of these two groups. */
  readonly pairs: number;
}

interface Close {
  readonly index: number;
  readonly record: SilenceRecord;
  readonly atNs: bigint;
  readonly idleNs: bigint;
  readonly group: string;
}

/** Chosen: a proxy closes both legs in one turn of its loop. */
const TOGETHER_NS = 10_000_000n;
const IDLE_ALIKE_NS = 50_000_000n;
const LEAST_PAIRS = 3;
/** Chosen: four of five closes of the side that has fewer. */
const MOST = 0.8;

function closesOf(judgements: readonly Judgement[], clocks: Clocks): Close[] {
  const closes: Close[] = [];
  judgements.forEach(({ record, finding }, index) => {
    if (finding?.signature !== 'idle-close') return;
    const atNs = clocks.common(record.capturePoint, record.endingAtNs);
    const idleNs = payloadIdleNs(record);
    if (atNs === null || idleNs === null) return;
    const { capturePoint, responderAddress, responderPort, endingBy } = record;
    const group = `${capturePoint} ${responderAddress} ${responderPort} ${endingBy}`;
    closes.push({ index, record, atNs, idleNs, group });
  });
  return closes.sort((a, b) => (a.atNs < b.atNs ? -1 : a.atNs > b.atNs ? 1 : 0));
}

const size = (ns: bigint): bigint => (ns < 0n ? -ns : ns);

/** The box is responder of one leg and originator of the other; it may have an address on either side of it. */
const mayBeLegs = (one: SilenceRecord, other: SilenceRecord): boolean =>
  one.capturePoint !== other.capturePoint || one.responderAddress === other.originatorAddress;

function alike(client: Close, server: Close): boolean {
  return (
    size(client.idleNs - server.idleNs) < IDLE_ALIKE_NS && mayBeLegs(client.record, server.record)
  );
}

type Pairing = readonly [client: Close, server: Close];

/**
 * Pairs by the two groups that they belong to: in the order of time each close with the first of the other group that has
 * no partner there yet. A leg seen at several capture points has a partner at each of the other leg's.
 */
function pairUp(closes: readonly Close[]): Map<string, Pairing[]> {
  const pairs = new Map<string, Pairing[]>();
  const taken = new Set<string>();
  const waiting: Close[] = [];
  for (const close of closes) {
    while (waiting[0] !== undefined && close.atNs - waiting[0].atNs > TOGETHER_NS) waiting.shift();
    for (const one of waiting) {
      if (one.record.endingBy === close.record.endingBy) continue;
      const pair: Pairing = close.record.endingBy === 1 ? [close, one] : [one, close];
      const groups = `${pair[0].group}|${pair[1].group}`;
      const names = pair.map(({ index }) => `${groups} ${index}`);
      if (!alike(...pair) || names.some((name) => taken.has(name))) continue;
      for (const name of names) taken.add(name);
      gather(pairs, groups, pair);
    }
    waiting.push(close);
  }
  return pairs;
}

/** Legs by the index of the judgement that they belong to. */
export function findLegs(judgements: readonly Judgement[], clocks: Clocks): Map<number, Leg> {
  const closes = closesOf(judgements, clocks);
  const sizes = new Map<string, number>();
  for (const { group } of closes) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const legs = new Map<number, Leg>();
  for (const pairs of pairUp(closes).values()) {
    const [client, server] = pairs[0] as Pairing;
    const fewer = Math.min(sizes.get(client.group) ?? 0, sizes.get(server.group) ?? 0);
    if (pairs.length < LEAST_PAIRS || pairs.length < MOST * fewer) continue;
    for (const [one, other] of pairs) {
      const apartNs = size(one.atNs - other.atNs);
      const leg = (of: Close) => ({
        index: of.index,
        tuple: tupleOf(of.record),
        apartNs,
        pairs: pairs.length,
      });
      if (!legs.has(one.index)) legs.set(one.index, leg(other));
      if (!legs.has(other.index)) legs.set(other.index, leg(one));
    }
  }
  return legs;
}
