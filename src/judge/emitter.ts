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
import type { EmitterIs, Evidence, ResetForm } from './finding.ts';
import {
  knewTrigger,
  nextIpId,
  ownTimestamps,
  resetForm,
  timestampsMissing,
} from './reset-form.ts';
import { readTtl, type TtlReading } from './ttl.ts';
import { durationText, roleText } from './words.ts';

/** Who made the ending of a record. */
export interface Located {
  readonly is: EmitterIs;
  /** What says so; all that was seen where it stays unknown. */
  readonly because: readonly string[];
  readonly evidence: readonly Evidence[];
  /** How sure it is that a box made it, 0 to 1, what speaks against it left out. */
  readonly middlebox: number;
  readonly form: ResetForm | null;
}

const PROOF = 0.75;
const LIKELY = 0.45;

export const locate = (record: SilenceRecord): Located => new Weighed(record);

/** Weighed at once, told in words when somebody reads them: a flood may bring a million. */
class Weighed implements Located {
  readonly is: EmitterIs;
  readonly middlebox: number;
  readonly form: ResetForm | null;
  readonly #record: SilenceRecord;

  constructor(record: SilenceRecord) {
    this.#record = record;
    this.form = resetForm(record);
    // Independent signs together: 1 − Π(1 − w).
    let noBox = 1;
    let noEndpoint = 1;
    for (let i = 0; i < LOCATORS.length; i++) {
      const weight = (LOCATORS[i] as Locator).weigh(record, this.form);
      if (weight > 0) noBox *= 1 - weight;
      else noEndpoint *= 1 + weight;
    }
    this.middlebox = 1 - noBox;
    this.is = emitterOf(this.middlebox, 1 - noEndpoint);
  }

  get evidence(): readonly Evidence[] {
    return LOCATORS.flatMap(({ weigh, tell }) => {
      const weight = weigh(this.#record, this.form);
      if (weight === 0) return [];
      const speaksFor = weight > 0 ? 'box-timeout' : 'endpoint';
      return { fact: tell(this.#record), speaksFor, weight: Math.abs(weight) };
    });
  }

  get because(): readonly string[] {
    const side = this.is === 'middlebox' ? 'box-timeout' : 'endpoint';
    const { evidence } = this;
    const chosen = this.is === 'unknown' ? evidence : evidence.filter((e) => e.speaksFor === side);
    return chosen.map((e) => e.fact);
  }
}

function emitterOf(middlebox: number, endpoint: number): EmitterIs {
  if (middlebox >= PROOF && endpoint < PROOF) return 'middlebox';
  return endpoint >= LIKELY && middlebox < LIKELY ? 'endpoint' : 'unknown';
}

/** Independent signs together: 1 − Π(1 − w). */
export const together = (evidence: readonly Evidence[], side: Evidence['speaksFor']): number =>
  1 - evidence.filter((e) => e.speaksFor === side).reduce((left, e) => left * (1 - e.weight), 1);

/** One sign of who made an ending. */
interface Locator {
  /** From 1, surely a box, to −1, surely the endpoint; 0: it says nothing. */
  readonly weigh: (record: SilenceRecord, form: ResetForm | null) => number;
  /** … in words, where it says something. */
  readonly tell: (record: SilenceRecord) => string;
}

const endingTtlOf = (record: SilenceRecord): TtlReading =>
  readTtl(record, record.endingBy, record.endingTtl);

const byTtl: Locator = {
  weigh: (record) => {
    const { is, weight } = endingTtlOf(record);
    return is === 'own' ? -weight : weight;
  },
  tell: (record) =>
    endingTtlOf(record).tell({ record, side: record.endingBy, ttl: record.endingTtl }),
};

const LATENCY_APART_NS = 1_000_000n;
const BY_LATENCY = 0.85;
/** Chosen: a sign. A server that thinks before each answer seems far away; its kernel's reset needs no thought. */
const BY_LATENCY_OF_DATA = 0.3;

const byLatency: Locator = {
  weigh: (record, form) => {
    if (form !== 'stateless') return 0;
    const latency = latencyNs(record);
    const { minRttNs, flags } = record.sides[record.endingBy];
    const rtt = BigInt(minRttNs);
    if (latency === null || rtt === 0n) return 0;
    if (latency * 2n >= rtt || rtt - latency < LATENCY_APART_NS) return 0;
    return has(flags, SIDE_FLAG.rttOfHandshake) ? BY_LATENCY : BY_LATENCY_OF_DATA;
  },
  tell: (record) => {
    const took = durationText(latencyNs(record) ?? 0n);
    const least = durationText(BigInt(record.sides[record.endingBy].minRttNs));
    return `answered after ${took} where the ${senderOf(record)} never took less than ${least}`;
  },
};

const senderOf = (record: SilenceRecord): string => roleText(record, record.endingBy);

const byPair: Locator = {
  weigh: (record) => {
    if (record.pairAtNs === 0n || record.pairBy === record.endingBy || !endedByReset(record))
      return 0;
    return bothOwn(record) ? 0.3 : 0.8;
  },
  tell: (record) => {
    const apart = record.pairAtNs - record.endingAtNs;
    return `a reset to either end within ${durationText(apart < 0n ? -apart : apart)}`;
  },
};

/** Two endpoints whose timers agree can abort at the same moment: each at its own TTL, in the form of a socket. */
function bothOwn(record: SilenceRecord): boolean {
  const pairOwn = readTtl(record, record.pairBy, record.pairTtl).is === 'own';
  return endingTtlOf(record).is === 'own' && pairOwn && resetForm(record) === 'socket';
}

const byTimestamps: Locator = {
  weigh: (record) => {
    if (ownTimestamps(record)) return -0.8;
    if (!timestampsMissing(record)) return 0;
    // Whoever answers for an unknown tuple has none to send, box and rebooted server alike.
    return resetAnswersTrigger(record) ? 0.1 : 0.4;
  },
  tell: (record) =>
    ownTimestamps(record)
      ? `its timestamps continue the ${senderOf(record)}'s`
      : `no timestamps, where all of the ${senderOf(record)}'s packets have them`,
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

const byIpId: Locator = {
  weigh: (record, form) => {
    if (record.ipVersion !== 4) return 0;
    const ahead = nextIpId(record);
    if (ahead !== null) return -weightOfIpId(record, ahead);
    const { flags } = record.sides[record.endingBy];
    return form === 'stateless' || !has(flags, SIDE_FLAG.ipIdCounts) ? 0 : 0.15;
  },
  tell: (record) => {
    const ahead = nextIpId(record);
    const { ipId } = record.sides[record.endingBy];
    return ahead === null
      ? `IP-ID ${record.endingIpId} far from the ${senderOf(record)}'s last, ${ipId}`
      : `its IP-ID is ${ahead} after the ${senderOf(record)}'s last`;
  },
};

function weightOfIpId(record: SilenceRecord, ahead: number): number {
  if (ahead > 1) return BY_NEAR_IP_ID;
  return timestampsMissing(record) ? BY_NEXT_IP_ID_ONLY : BY_NEXT_IP_ID;
}

const byKnowledge: Locator = {
  weigh: (record) => {
    if (!resetAnswersTrigger(record)) return 0;
    if (knewTrigger(record)) return -0.6;
    return has(record.endingFlags, ENDING_FLAG.senderSpokeBetween) ? -0.8 : 0;
  },
  tell: (record) =>
    knewTrigger(record)
      ? 'its acknowledgement covers the trigger: whoever sent it had the connection'
      : `the ${senderOf(record)} spoke between the trigger and the reset`,
};

/** NetScaler writes the reason for a reset into its window field; 8201 and 9300 were met (domain, from memory). */
const REASON_WINDOWS: ReadonlySet<number> = new Set([8201, 9300]);

const byWindow: Locator = {
  weigh: (record) => {
    if (!endedByReset(record) || !REASON_WINDOWS.has(record.endingWindow)) return 0;
    return record.sides[record.endingBy].window === record.endingWindow ? 0 : 0.15;
  },
  tell: (record) =>
    `window ${record.endingWindow}, a number that some load balancers use as a reason code`,
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
