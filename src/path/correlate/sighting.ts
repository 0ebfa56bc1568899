/**
 * One silence at one capture point, and how to recognise it at another.
 *
 * A translator rewrites addresses and ports and leaves the rest alone: both sides' next sequence numbers are 64 random
 * bits that no two connections share. Some firewalls rewrite those too; then the timestamps of both sides tell (RFC 7323
 * starts them at random), else IP-ID and window, which prove something only where nothing else looks alike.
 */
import { has, type SideIndex, type SilenceRecord } from '../../base/record.ts';
import { FLOW_FLAG, SIDE_FLAG } from '../../base/silence.ts';
import type { Tuple } from '../../judge/finding.ts';

export interface Sighting {
  /** Index of its judgement. */
  readonly index: number;
  readonly record: SilenceRecord;
  readonly point: number;
  readonly startNs: bigint;
  /** Its connection at this point, through all its silences. */
  readonly flow: string;
  /** What a route starts from: the point and the responder. */
  readonly place: string;
}

export function sightingOf(record: SilenceRecord, index: number): Sighting {
  const tunnel = `${record.capturePoint} ${record.tunnelKind}/${record.tunnelId}`;
  const place = `${tunnel} ${record.responderAddress} ${record.responderPort}`;
  const flow = `${place} ${record.originatorAddress} ${record.originatorPort} ${record.flowStartedAtNs}`;
  return { index, record, point: record.capturePoint, startNs: record.startedAtNs, flow, place };
}

/** A name that the same silence has at every capture point; null where the record has nothing to tell it by. */
export type Key = (record: SilenceRecord) => string | null;

const both = (record: SilenceRecord, of: (side: SideIndex) => string): string =>
  `${record.kind} ${[of(0), of(1)].sort().join(' ')}`;

const stamped = ({ sides }: SilenceRecord): boolean =>
  sides.every(({ flags }) => has(flags, SIDE_FLAG.timestamps));

const bySequence: Key = (record) => {
  const { sides } = record;
  return both(record, (side) => `${sides[side].nxt}.${sides[side].tsval}`);
};

const byNumbersAlone: Key = (record) => both(record, (side) => `${record.sides[side].nxt}`);

const byTimestamps: Key = (record) =>
  stamped(record) ? both(record, (side) => `${record.sides[side].tsval}`) : null;

const byIpId: Key = (record) => {
  const { sides, ipVersion } = record;
  const counted = sides.every(({ flags }) => has(flags, SIDE_FLAG.ipIdCounts));
  if (ipVersion !== 4 || !counted || stamped(record)) return null;
  return both(record, (side) => `${sides[side].ipId}.${sides[side].window}`);
};

/** The surest first. */
export const KEYS = [bySequence, byNumbersAlone, byTimestamps, byIpId] as const;

/** Do the sides stand the other way round? One of two connections met mid-stream may have guessed its originator. */
export function isSwapped(a: SilenceRecord, b: SilenceRecord): boolean {
  const alike = (mine: SideIndex, theirs: SideIndex): number => {
    const [one, other] = [a.sides[mine], b.sides[theirs]];
    return Number(one.nxt === other.nxt) + Number(one.tsval === other.tsval && one.tsval !== 0);
  };
  return alike(0, 1) + alike(1, 0) > alike(0, 0) + alike(1, 1);
}

/** Sure enough without knowing when. */
export const CLOCKLESS = [bySequence, byTimestamps] as const;

/** A point that sees one direction only cannot miss what goes the other way. */
export const sawBothWays = ({ flowFlags }: SilenceRecord): boolean =>
  has(flowFlags, FLOW_FLAG.sawSide0) && has(flowFlags, FLOW_FLAG.sawSide1);

export const tupleOf = (record: SilenceRecord): Tuple => ({
  originator: { address: record.originatorAddress, port: record.originatorPort },
  responder: { address: record.responderAddress, port: record.responderPort },
});

export const flipped = ({ originator, responder }: Tuple): Tuple => ({
  originator: responder,
  responder: originator,
});

const endText = ({ address, port }: Tuple['originator']): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

export const tupleText = ({ originator, responder }: Tuple): string =>
  `${endText(originator)} > ${endText(responder)}`;

export const sameTuple = (a: Tuple, b: Tuple): boolean => tupleText(a) === tupleText(b);
