/**
 * Claim: where a reset or FIN was made can be told from the packet itself, by several locators that fail for
 * different reasons. Only a mid-path emitter makes a kill a box's.
 *
 * TTL            see ttl.ts.
 * latency        an answer that comes back in less than half the smallest round trip ever seen to that endpoint was
 *                not made by that endpoint; only for stateless answers (a socket's own reset may cross the trigger),
 *                and only when at least 1 ms apart: on a LAN the endpoint is as fast as the box. Proof only where the
 *                handshake was timed: data may be acknowledged late (RFC 9293 §3.8.6.3), or only with the answer.
 * pair           two resets in opposite directions within a second: nobody answers a reset with a reset
 *                (RFC 9293 §3.10.7.1), so somebody between them spoke to both.
 * no timestamps  on an unasked reset of a flow that has them: a sign, no proof (some stacks leave them out); little
 *                on an answer, which only says that no live socket made it.
 * IP-ID          the sender's next one is as good as its timestamps, one somewhat ahead or far off a weight only.
 * window         a weight only.
 *
 * Contradicted by what only the endpoint could know: continuing timestamps, its next IP-ID, an acknowledgement that
 * covers the trigger. Where both sides of the scale are heavy the emitter is unknown.
 */
import { has, type SilenceRecord } from '../base/record.ts';
import { ENDING_FLAG, SIDE_FLAG } from '../base/silence.ts';
import { endedByReset, latencyNs, resetAnswersTrigger } from './connection.ts';
import type { Emitter, Evidence, ResetForm } from './finding.ts';
import {
  knewTrigger,
  nextIpId,
  ownTimestamps,
  resetForm,
  timestampsMissing,
} from './reset-form.ts';
import { readTtl } from './ttl.ts';
import { durationText, roleText } from './words.ts';

export interface Located {
  readonly emitter: Emitter;
  readonly evidence: readonly Evidence[];
  /** How sure it is that a box made it, 0 to 1, what speaks against it left out. */
  readonly middlebox: number;
  readonly form: ResetForm | null;
}

const PROOF = 0.75;
const LIKELY = 0.45;

export function locate(record: SilenceRecord): Located {
  const form = resetForm(record);
  const evidence = LOCATORS.flatMap((locator) => locator(record, form) ?? []);
  const middlebox = together(evidence, 'box-timeout');
  const endpoint = together(evidence, 'endpoint');
  const is = weigh(middlebox, endpoint);
  return { emitter: { is, because: reasons(evidence, is) }, evidence, middlebox, form };
}

function weigh(middlebox: number, endpoint: number): Emitter['is'] {
  if (middlebox >= PROOF && endpoint < PROOF) return 'middlebox';
  return endpoint >= LIKELY && middlebox < LIKELY ? 'endpoint' : 'unknown';
}

/** Independent signs together: 1 − Π(1 − w). */
export const together = (evidence: readonly Evidence[], side: Evidence['speaksFor']): number =>
  1 - evidence.filter((e) => e.speaksFor === side).reduce((left, e) => left * (1 - e.weight), 1);

function reasons(evidence: readonly Evidence[], is: Emitter['is']): readonly string[] {
  const side = is === 'middlebox' ? 'box-timeout' : 'endpoint';
  const chosen = is === 'unknown' ? evidence : evidence.filter((e) => e.speaksFor === side);
  return chosen.map((e) => e.fact);
}

type Locator = (record: SilenceRecord, form: ResetForm | null) => Evidence | null;

const box = (fact: string, weight: number): Evidence => ({
  fact,
  speaksFor: 'box-timeout',
  weight,
});
const endpoint = (fact: string, weight: number): Evidence => ({
  fact,
  speaksFor: 'endpoint',
  weight,
});

const byTtl: Locator = (record) => {
  const ttl = readTtl(record, record.endingBy, record.endingTtl);
  if (ttl.is === 'unseen') return null;
  return ttl.is === 'own' ? endpoint(ttl.fact, ttl.weight) : box(ttl.fact, ttl.weight);
};

const LATENCY_APART_NS = 1_000_000n;
const BY_LATENCY = 0.85;
/** Chosen: a sign. A server that thinks before each answer seems far away; its kernel's reset needs no thought. */
const BY_LATENCY_OF_DATA = 0.3;

const byLatency: Locator = (record, form) => {
  const latency = latencyNs(record);
  const rtt = BigInt(record.sides[record.endingBy].minRttNs);
  if (form !== 'stateless' || latency === null || rtt === 0n) return null;
  if (latency * 2n >= rtt || rtt - latency < LATENCY_APART_NS) return null;
  const who = roleText(record, record.endingBy);
  const took = durationText(latency);
  return box(
    `answered after ${took} where the ${who} never took less than ${durationText(rtt)}`,
    has(record.sides[record.endingBy].flags, SIDE_FLAG.rttOfHandshake)
      ? BY_LATENCY
      : BY_LATENCY_OF_DATA,
  );
};

const byPair: Locator = (record) => {
  if (record.pairAtNs === 0n || record.pairBy === record.endingBy || !endedByReset(record))
    return null;
  const apart = record.pairAtNs - record.endingAtNs;
  const fact = `a reset to either end within ${durationText(apart < 0n ? -apart : apart)}`;
  return box(fact, bothOwn(record) ? 0.3 : 0.8);
};

/** Two endpoints whose timers agree can abort at the same moment: each at its own TTL, in the form of a socket. */
function bothOwn(record: SilenceRecord): boolean {
  const own = readTtl(record, record.endingBy, record.endingTtl).is === 'own';
  const pairOwn = readTtl(record, record.pairBy, record.pairTtl).is === 'own';
  return own && pairOwn && resetForm(record) === 'socket';
}

const byTimestamps: Locator = (record) => {
  const who = roleText(record, record.endingBy);
  if (ownTimestamps(record)) return endpoint(`its timestamps continue the ${who}'s`, 0.8);
  if (!timestampsMissing(record)) return null;
  // Whoever answers for an unknown tuple has none to send, box and rebooted server alike.
  const weight = resetAnswersTrigger(record) ? 0.1 : 0.4;
  return box(`no timestamps, where all of the ${who}'s packets have them`, weight);
};

/**
 * Chosen: as much as timestamps that continue, so that no other sign alone outvotes it. Whoever does not hold the sender's
 * counter meets its next number once in 65 536 times, and a route that changes in the silence moves the TTL of an honest
 * packet but not its IP-ID.
 */
const BY_NEXT_IP_ID = 0.8;
/**
 * Chosen: no more than that where the packet lacks the timestamps that its sender puts on all others (RFC 7323 §3.2: on
 * every segment that is no reset). Two signs against one: a box can copy a counter.
 */
const BY_NEXT_IP_ID_ONLY = 0.5;
/** Chosen: a stretch of a shared counter is met by chance once in 256 times, and a busy host may have passed on. */
const BY_NEAR_IP_ID = 0.3;

const byIpId: Locator = (record, form) => {
  if (record.ipVersion !== 4) return null;
  const who = roleText(record, record.endingBy);
  const ahead = nextIpId(record);
  if (ahead !== null)
    return endpoint(`its IP-ID is ${ahead} after the ${who}'s last`, weightOfIpId(record, ahead));
  const side = record.sides[record.endingBy];
  if (form === 'stateless' || !has(side.flags, SIDE_FLAG.ipIdCounts)) return null;
  return box(`IP-ID ${record.endingIpId} far from the ${who}'s last, ${side.ipId}`, 0.15);
};

function weightOfIpId(record: SilenceRecord, ahead: number): number {
  if (ahead > 1) return BY_NEAR_IP_ID;
  return timestampsMissing(record) ? BY_NEXT_IP_ID_ONLY : BY_NEXT_IP_ID;
}

const byKnowledge: Locator = (record) => {
  if (!resetAnswersTrigger(record)) return null;
  if (knewTrigger(record)) {
    return endpoint(
      'its acknowledgement covers the trigger: whoever sent it had the connection',
      0.6,
    );
  }
  if (!has(record.endingFlags, ENDING_FLAG.senderSpokeBetween)) return null;
  return endpoint(
    `the ${roleText(record, record.endingBy)} spoke between the trigger and the reset`,
    0.8,
  );
};

/** NetScaler writes the reason for a reset into its window field; 8201 and 9300 were met (domain, from memory). */
const REASON_WINDOWS: ReadonlySet<number> = new Set([8201, 9300]);

const byWindow: Locator = (record) => {
  if (!endedByReset(record) || !REASON_WINDOWS.has(record.endingWindow)) return null;
  const last = record.sides[record.endingBy].window;
  if (last === record.endingWindow) return null;
  return box(
    `window ${record.endingWindow}, a number that some load balancers use as a reason code`,
    0.15,
  );
};

const LOCATORS: readonly Locator[] = [
  byTtl,
  byLatency,
  byPair,
  byTimestamps,
  byKnowledge,
  byIpId,
  byWindow,
];
