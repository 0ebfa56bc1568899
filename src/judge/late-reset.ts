/**
 * Claim: a connection that wakes after a silence and gets a reset from somebody who no longer knows it has lost its
 * row in a box; the silence was at least the box's timeout.
 *
 * Why: a gateway without the row hands the segment to its own kernel (or rejects it), which answers as for any
 * unknown tuple: R alone, sequence number from the trigger's ACK. Three names for one thing: `late-reset`;
 * `keepalive-reset` when the trigger was a probe; `orphan-reset` when the responder spoke first.
 * Contradicted by an answer that shows that its sender had the connection (`abort`: the application did it), and
 * not *proven* by the form alone: a server that rebooted answers byte for byte the same. So a box is blamed only where
 * the locators say mid-path; from the endpoint's own TTL it stays possible. A FIN that wakes the connection never
 * proves a box timer: the connection was being given up anyway.
 *
 *   client > server data · server > client RST ttl 64, data had 62   → late-reset, box-timeout
 *   client > server data · server > client RST ttl 62, data had 62   → late-reset, possible
 *   client > server data · server > client RST ACK covering the data → abort
 */
import { has, type SilenceRecord } from '../base/record.ts';
import { ENDING_FLAG, FLOW_FLAG, TRIGGER } from '../base/silence.ts';
import { atMost, decided, explained, GUESS_AT_MOST } from './compose.ts';
import { originatorKnown, resetAnswersTrigger } from './connection.ts';
import { locate, type Located } from './emitter.ts';
import type { Evidence, Judgement, Scene, Signature } from './finding.ts';
import { olderAnsweredSoon } from './went-on-soon.ts';
import { durationText } from './words.ts';

export function lateReset(record: SilenceRecord, scene: Scene): Judgement | null {
  if (!resetAnswersTrigger(record)) return null;
  const located = locate(record);
  if (endpointKnewIt(record, located)) return explained(record, 'closed', 'abort');
  const alive = olderAnsweredAfter(record, scene);
  const longestNs = scene.longestSurvivedNs(record);
  // Words are made when somebody reads them: a flood may bring a million of these.
  const evidence = (read: SilenceRecord): readonly Evidence[] =>
    [loneAnswer(read), survivors(read, longestNs), notRebooted(alive)].flatMap(
      (found) => found ?? [],
    );
  const signature = signatureOf(record);
  const emitter = located.is;
  const base = { signature, located: locate, evidence, emitter, outlived: alive };
  if (emitter === 'middlebox' && record.triggerKind !== TRIGGER.fin) {
    const confidence = located.middlebox * (located.form === 'stateless' ? 1 : 0.85);
    return decided(record, { ...base, verdict: 'box-timeout', confidence });
  }
  const confidence = guess(record, located, alive);
  return decided(record, { ...base, verdict: 'possible-box-timeout', confidence });
}

/** A live socket's answer, or a FIN answered at the endpoint's own TTL: closing, not cut. */
function endpointKnewIt(record: SilenceRecord, located: Located): boolean {
  if (located.is === 'middlebox') return false;
  if (located.form === 'socket' || has(record.endingFlags, ENDING_FLAG.senderSpokeBetween))
    return true;
  if (has(record.flowFlags, FLOW_FLAG.crossed) && located.form !== 'stateless') return true;
  return record.triggerKind === TRIGGER.fin && located.is === 'endpoint';
}

/** Three names for one thing, see above. */
export function signatureOf(record: SilenceRecord): Signature {
  if (record.triggerKind === TRIGGER.keepalive) return 'keepalive-reset';
  return record.triggerBy === 1 && originatorKnown(record) ? 'orphan-reset' : 'late-reset';
}

/** Chosen: even odds at best; less where the endpoint's own TTL speaks, or the form is not that of a lost row. */
function guess(record: SilenceRecord, located: Located, alive: boolean | null): number {
  let confidence = located.is === 'endpoint' ? 0.3 : 0.4;
  if (located.form !== 'stateless') confidence -= 0.1;
  if (record.triggerKind === TRIGGER.fin) confidence -= 0.1;
  if (alive === true) confidence += 0.15;
  return atMost(GUESS_AT_MOST, confidence);
}

function loneAnswer(record: SilenceRecord): Evidence | null {
  if (!has(record.endingFlags, ENDING_FLAG.seqIsTriggerAck) || record.endingWindow !== 0)
    return null;
  return {
    fact: 'the reset repeats the acknowledgement of the packet it answers: its sender did not know the connection',
    speaksFor: 'box-timeout',
    weight: 0.3,
  };
}

function survivors(record: SilenceRecord, longest: bigint): Evidence | null {
  if (longest === 0n) return null;
  const fact = `on this path a silence of ${durationText(longest)} ended well`;
  return longest > record.endedAtNs - record.startedAtNs
    ? { fact: `${fact}, longer than this one`, speaksFor: 'not-a-timeout', weight: 0.2 }
    : { fact, speaksFor: 'box-timeout', weight: 0.1 };
}

/** A server that has rebooted answers nothing on connections older than the reset. */
function notRebooted(alive: boolean | null): Evidence | null {
  if (alive === null) return null;
  return alive
    ? {
        fact: 'the responder still answered on older connections afterwards: it had not restarted',
        speaksFor: 'box-timeout',
        weight: 0.3,
      }
    : {
        fact: 'nothing older was answered afterwards: a restarted responder would look the same',
        speaksFor: 'not-a-timeout',
        weight: 0.2,
      };
}

/** Says nothing of an originator. */
const olderAnsweredAfter = (record: SilenceRecord, scene: Scene): boolean | null =>
  record.endingBy === 1
    ? olderAnsweredSoon(record, record.endingAtNs, record.startedAtNs, scene)
    : null;
