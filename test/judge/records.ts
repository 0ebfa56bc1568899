/**
 * Records for the judge's tests, told as stories: a quiet connection 192.0.2.10:40000 → 198.51.100.9:27017 that spoke,
 * fell silent for `seconds`, and then whatever the test says. The pictures of test/kit prove the way through the
 * native code; these prove what the judge makes of a record, odd ones included.
 */
import type { SideIndex, SideRecord, SilenceRecord } from '../../src/base/record.ts';
import {
  ENDING,
  ENDING_FLAG,
  FLOW_FLAG,
  OUTCOME,
  SIDE_FLAG,
  SILENCE_KIND,
  TRIGGER,
} from '../../src/base/silence.ts';
import type { Judgement, Scene } from '../../src/judge/finding.ts';
import { judge } from '../../src/judge/judge.ts';

export const R = 0x04;
export const RA = 0x14;
export const FA = 0x11;
const PA = 0x18;

export const ns = (seconds: number): bigint => BigInt(Math.round(seconds * 1e9));

const START = ns(1_000_000);

export const side = (changes: Partial<SideRecord> = {}): SideRecord => ({
  nxt: 1000,
  ack: 2000,
  tsval: 500,
  minRttNs: 0,
  window: 63,
  ipId: 7000,
  ttlHandshake: 64,
  ttlData: 64,
  flags: SIDE_FLAG.timestamps | SIDE_FLAG.ipIdCounts | SIDE_FLAG.sentPayload,
  ...changes,
});

const server = side({
  nxt: 2000,
  ack: 1000,
  ipId: 9000,
  ttlHandshake: 62,
  ttlData: 62,
  minRttNs: 20_000_000,
  flags: side().flags | SIDE_FLAG.rttOfHandshake,
});

export interface Story {
  /** How long nobody spoke, in seconds. */
  readonly silent?: number;
  /** When the silence began, in seconds after the story's own zero. */
  readonly from?: number;
  readonly port?: number;
  readonly server?: Partial<SideRecord>;
  readonly client?: Partial<SideRecord>;
  readonly record?: Partial<SilenceRecord>;
}

/** Silent and still open: the base of every other story. */
export function quiet(story: Story = {}): SilenceRecord {
  const startedAtNs = START + ns(story.from ?? 0);
  const endedAtNs = startedAtNs + ns(story.silent ?? 350);
  const port = story.port ?? 40000;
  return {
    startedAtNs,
    endedAtNs,
    triggerAtNs: 0n,
    endingAtNs: 0n,
    answeredAtNs: 0n,
    lastRetransmissionAtNs: 0n,
    pairAtNs: 0n,
    icmpAtNs: 0n,
    flowStartedAtNs: startedAtNs - ns(1),
    lastPayloadAtNs: startedAtNs,
    lastPacketAtNs: endedAtNs,
    frameLastBefore: port * 10,
    frameTrigger: 0,
    frameEnding: 0,
    framePair: 0,
    originatorAddress: '192.0.2.10',
    responderAddress: '198.51.100.9',
    originatorPort: port,
    responderPort: 27017,
    capturePoint: 0,
    vlan: 0,
    tunnelId: 0,
    tunnelKind: 0,
    ipVersion: 4,
    kind: SILENCE_KIND.packet,
    outcome: OUTCOME.open,
    unobservedBecause: 0,
    triggerKind: TRIGGER.none,
    triggerBy: 0,
    endingKind: ENDING.none,
    endingBy: 0,
    lastBeforeBy: 0,
    icmpType: 0,
    icmpCode: 0,
    flowFlags:
      FLOW_FLAG.sawSyn |
      FLOW_FLAG.sawSynAck |
      FLOW_FLAG.handshakeDone |
      FLOW_FLAG.originatorKnown |
      FLOW_FLAG.sawSide0 |
      FLOW_FLAG.sawSide1,
    endingFlags: 0,
    triggerSeq: 0,
    triggerAck: 0,
    triggerEnd: 0,
    triggerPayload: 0,
    triggerTcpFlags: 0,
    endingTcpFlags: 0,
    endingTtl: 0,
    pairTtl: 0,
    retransmissions: 0,
    endingIpId: 0,
    endingSeq: 0,
    endingAck: 0,
    endingTsval: 0,
    endingWindow: 0,
    pairTcpFlags: 0,
    pairBy: 0,
    endingPayload: 0,
    keepalivesBefore: 0,
    keepalivesAnswered: 0,
    keepaliveIntervalMs: 0,
    packets: 12,
    triggerTsval: 0,
    triggerIpId: 0,
    triggerTtl: 0,
    reconnectedAtNs: 0n,
    frameReconnect: 0,
    reconnectPort: 0,
    sides: [side(story.client), { ...server, ...story.server }],
    ...story.record,
  };
}

/** The client speaks after the silence: 100 bytes, or a probe, or a FIN. */
function trigger(record: SilenceRecord, by: SideIndex, kind: number): Partial<SilenceRecord> {
  const payload = kind === TRIGGER.data ? 100 : 0;
  const { nxt, ack } = record.sides[by];
  return {
    outcome: OUTCOME.killed,
    triggerAtNs: record.endedAtNs,
    frameTrigger: record.frameLastBefore + 1,
    triggerKind: kind,
    triggerBy: by,
    triggerSeq: nxt,
    triggerAck: ack,
    triggerEnd: nxt + payload,
    triggerPayload: payload,
    triggerTcpFlags: PA,
  };
}

export interface Answered extends Story {
  readonly kind?: number;
  readonly by?: SideIndex;
  /** Trigger to reset, in seconds. */
  readonly after?: number;
}

/** Trigger, then a reset of somebody who does not know the connection: R, seq from the trigger's ACK, IP-ID 0. */
export function lateReset(story: Answered = {}): SilenceRecord {
  const base = quiet(story);
  const by = story.by ?? 0;
  const woken = { ...base, ...trigger(base, by, story.kind ?? TRIGGER.data) };
  return {
    ...woken,
    endingKind: ENDING.rst,
    endingBy: by === 0 ? 1 : 0,
    endingAtNs: base.endedAtNs + ns(story.after ?? 0.02),
    frameEnding: base.frameLastBefore + 2,
    endingTcpFlags: R,
    endingSeq: woken.triggerAck,
    endingFlags: ENDING_FLAG.seqIsTriggerAck | ENDING_FLAG.seqExact | ENDING_FLAG.dontFragment,
    endingTtl: 62,
    ...story.record,
  };
}

/** A reset that nobody asked for, in the server's name: RA, exact numbers, no timestamps. */
export function unaskedReset(story: Story = {}): SilenceRecord {
  const base = quiet(story);
  return {
    ...base,
    outcome: OUTCOME.killed,
    endingKind: ENDING.rst,
    endingBy: 1,
    endingAtNs: base.endedAtNs,
    frameEnding: base.frameLastBefore + 2,
    endingTcpFlags: RA,
    endingSeq: base.sides[1].nxt,
    endingAck: base.sides[0].nxt,
    endingFlags: ENDING_FLAG.seqExact | ENDING_FLAG.ackBeforeTrigger,
    endingTtl: 62,
    ...story.record,
  };
}

/** What a live Linux socket sends when it aborts: the next IP-ID, its window, timestamps that go on. */
export const fromSocket = (record: SilenceRecord): SilenceRecord => {
  const sender = record.sides[record.endingBy];
  return {
    ...record,
    endingTtl: sender.ttlData,
    endingIpId: sender.ipId + 1,
    endingWindow: sender.window,
    endingTsval: sender.tsval + 1000,
    endingFlags: record.endingFlags | ENDING_FLAG.hasTimestamps,
  };
};

/** The server closes with a FIN after the silence. */
export function idleFin(story: Story = {}): SilenceRecord {
  const closed = fromSocket(unaskedReset(story));
  return {
    ...closed,
    outcome: OUTCOME.closed,
    endingKind: ENDING.fin,
    endingTcpFlags: FA,
    ...story.record,
  };
}

/** The client speaks and nobody answers: `retransmissions` more tries with exponential back-off from 0.2 s. */
export function unanswered(
  story: Answered & { readonly retransmissions?: number } = {},
): SilenceRecord {
  const base = quiet(story);
  const retransmissions = story.retransmissions ?? 6;
  return {
    ...base,
    ...trigger(base, story.by ?? 0, story.kind ?? TRIGGER.data),
    retransmissions,
    lastRetransmissionAtNs: base.endedAtNs + ns(0.2 * (2 ** retransmissions - 1)),
    ...story.record,
  };
}

/** A capture in which nothing else is known. */
export const alone: Scene = {
  shortestNs: ns(20),
  captureEndNs: () => START + ns(100_000),
  responderAnswered: () => null,
  answerStepNs: ns(1),
  statelessResets: () => 0,
  records: () => [],
  longestSurvivedNs: () => 0n,
};

export const scene = (changes: Partial<Scene>): Scene => ({ ...alone, ...changes });

export function judged(record: SilenceRecord, within: Scene = alone): Judgement {
  const [judgement] = judge([record], within).judgements;
  if (judgement === undefined) throw new Error('one record, no judgement');
  return judgement;
}

export const findingOf = (record: SilenceRecord, within: Scene = alone): Judgement['finding'] =>
  judged(record, within).finding;
