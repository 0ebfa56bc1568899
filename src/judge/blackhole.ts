/**
 * Claim: a connection whose first packets after a silence all stay unanswered was dropped silently on the way, if the
 * same responder answered somebody else meanwhile.
 *
 * Why: a box without the row that drops instead of resetting leaves the sender retransmitting; the sockets at both
 * ends are alive. Four unanswered retransmissions (or probes) over ten round trips are more than loss; keepalive
 * exhaustion ends with the prober's own RA. Without a witness the server or the whole path may be down: possible only.
 * Contradicted by a large trigger with ICMP "too big" (a PMTU hole), by the peer speaking again later (an outage), and
 * never judged when the capture ends too early: then it is open. A FIN nobody answers loses nobody's data: possible.
 *
 *   client > server data ×6, no answer · the same server answers another client   → blackhole, box-timeout
 *   client > server data ×6, no answer, nobody else heard                          → blackhole, possible
 */
import { has, type SilenceRecord } from '../base/record.ts';
import { ENDING, FLOW_FLAG, TRIGGER } from '../base/silence.ts';
import { NS_PER_SECOND } from '../base/units.ts';
import { atMost, decided, explained, GUESS_AT_MOST } from './compose.ts';
import { roundTripNs, triggered } from './connection.ts';
import { type Located, locate } from './emitter.ts';
import type { Evidence, Judgement, Scene } from './finding.ts';
import { nextSecond, olderAnsweredSoon } from './went-on-soon.ts';

const UNANSWERED = 4;
const ROUND_TRIPS = 10n;
const WITH_WITNESS = 0.7;

export function blackhole(record: SilenceRecord, scene: Scene): Judgement | null {
  if (!triggered(record) || record.answeredAtNs !== 0n) return null;
  if (record.endingKind !== ENDING.none && record.endingBy !== record.triggerBy) return null;
  if (pmtuHole(record)) return explained(record, 'open', 'abort');
  if (!givenUp(record)) return unfinished(record);
  const heard = witness(record, scene) === true;
  const witnessed = heard && provable(record);
  const confidence = witnessed ? WITH_WITNESS : guess(record);
  return decided(record, {
    signature: 'blackhole',
    verdict: witnessed ? 'box-timeout' : 'possible-box-timeout',
    confidence,
    located: (read) => nobody(read, heard, witnessed),
    evidence: (read) => evidenceOf(read, heard),
    emitter: witnessed ? 'middlebox' : 'unknown',
    heardLater: heardLater(record, scene),
    outlived: outlived(record, scene),
  });
}

/** Too little to tell loss from a hole; a sender that aborts that early did so for reasons of its own. */
const unfinished = (record: SilenceRecord): Judgement =>
  record.endingKind === ENDING.rst
    ? explained(record, 'closed', 'abort')
    : explained(record, 'open', 'not-examined');

/** ICMP type 3 code 4 (RFC 1191), ICMPv6 type 2 (RFC 8201), against a trigger that could be too big at all. */
function pmtuHole(record: SilenceRecord): boolean {
  if (record.icmpAtNs < record.triggerAtNs || record.triggerPayload < 512) return false;
  return record.ipVersion === 6
    ? record.icmpType === 2
    : record.icmpType === 3 && record.icmpCode === 4;
}

function givenUp(record: SilenceRecord): boolean {
  if (proberGaveUp(record)) return true;
  const tried = record.lastRetransmissionAtNs - record.triggerAtNs;
  return record.retransmissions >= UNANSWERED && tried >= ROUND_TRIPS * roundTripNs(record);
}

/** tcp_keepalive_probes ran out: the prober's kernel says goodbye with a stateful RA (tcp_keepalive_timer). */
const proberGaveUp = (record: SilenceRecord): boolean =>
  record.triggerKind === TRIGGER.keepalive &&
  record.endingKind === ENDING.rst &&
  record.retransmissions >= 1;

/**
 * What a witness can prove: that the responder answers. Nothing vouches for an originator that stays away, or for a
 * receiver whose window is closed: a host asleep looks like that.
 */
const provable = (record: SilenceRecord): boolean =>
  record.triggerBy === 0 &&
  record.triggerKind !== TRIGGER.fin &&
  record.triggerKind !== TRIGGER.windowProbe &&
  !has(record.flowFlags, FLOW_FLAG.otherSpokeLater | FLOW_FLAG.crossed);

function guess(record: SilenceRecord): number {
  let confidence = 0.4;
  if (record.triggerBy === 1 || record.triggerKind === TRIGGER.fin) confidence -= 0.15;
  if (has(record.flowFlags, FLOW_FLAG.otherSpokeLater | FLOW_FLAG.crossed)) confidence -= 0.2;
  return atMost(GUESS_AT_MOST, confidence);
}

const lastTry = (record: SilenceRecord): bigint =>
  [record.lastRetransmissionAtNs, record.endingAtNs].reduce(
    (a, b) => (a > b ? a : b),
    record.triggerAtNs,
  );

/**
 * Did the responder answer anybody else while this connection was trying? The reconnecting client counts. Whoever is heard
 * only after the last try proves nothing of the tries: an outage that was over by then looks the same.
 */
function witness(record: SilenceRecord, scene: Scene): boolean | null {
  const until = lastTry(record) + NS_PER_SECOND - scene.answerStepNs;
  return scene.responderAnswered(record, nextSecond(record.triggerAtNs), until);
}

/** At any time until the capture ends: a server that went down for good is never heard again. */
const heardLater = (record: SilenceRecord, scene: Scene): boolean | null =>
  scene.responderAnswered(record, record.triggerAtNs, scene.captureEndNs(record.capturePoint));

/** … on a connection older than the silence: nobody who restarted or failed over since does that. */
const outlived = (record: SilenceRecord, scene: Scene): boolean | null =>
  olderAnsweredSoon(record, record.triggerAtNs, record.startedAtNs, scene);

const WITNESS: Evidence = {
  fact: 'the responder answered another connection meanwhile',
  speaksFor: 'box-timeout',
  weight: 0.5,
};

const NO_WITNESS: Evidence = {
  fact: 'nobody else was heard from the responder meanwhile: it may have been down',
  speaksFor: 'not-a-timeout',
  weight: 0.3,
};

const SPOKE_LATER: Evidence = {
  fact: 'the other side spoke again later: an outage fits as well',
  speaksFor: 'not-a-timeout',
  weight: 0.4,
};

function evidenceOf(record: SilenceRecord, heard: boolean): readonly Evidence[] {
  const tries = `${record.retransmissions + 1} packets after the silence, none of them answered`;
  const evidence: Evidence[] = [
    { fact: tries, speaksFor: 'box-timeout', weight: 0.4 },
    heard ? WITNESS : NO_WITNESS,
  ];
  if (has(record.flowFlags, FLOW_FLAG.otherSpokeLater)) evidence.push(SPOKE_LATER);
  if (record.icmpAtNs === 0n) return evidence;
  const fact = `an ICMP error (type ${record.icmpType}, code ${record.icmpCode}) quoted the connection`;
  return [...evidence, { fact, speaksFor: 'not-a-timeout', weight: 0.2 }];
}

/** Nobody sent anything: a drop has no TTL. A reset here is the sender's own. */
const nobody = (record: SilenceRecord, heard: boolean, witnessed: boolean): Located => ({
  is: witnessed ? 'middlebox' : 'unknown',
  because: witnessed
    ? evidenceOf(record, heard).flatMap((e) => (e.speaksFor === 'box-timeout' ? e.fact : []))
    : [],
  evidence: [],
  middlebox: 0,
  form: record.endingKind === ENDING.rst ? locate(record).form : null,
});
