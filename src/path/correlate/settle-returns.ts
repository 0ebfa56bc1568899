/**
 * Connections that came back under another tuple: a finding where the old tuple had merely fallen silent, and a proof for
 * the finding on the other side, whose trigger was the packet that came back.
 */
import type { SilenceRecord } from '../../base/record.ts';
import { ENDING, ENDING_FLAG, OUTCOME, TRIGGER } from '../../base/silence.ts';
import { decided } from '../../judge/compose.ts';
import { byOf, endedByReset, otherSide, triggered } from '../../judge/connection.ts';
import type { Judgement } from '../../judge/finding.ts';
import { summarize } from '../../judge/summary.ts';
import { amended } from '../../judge/told.ts';
import { settle } from './amend.ts';
import type { Birth, Births } from './births.ts';
import { type CameBack, cameBack, cameOut } from './came-back.ts';
import { resetBefore, tupleThere } from './crossing.ts';
import { flipped, type Sighting, tupleText } from './sighting.ts';
import type { Work } from './work.ts';

/** No endpoint changes the port of a running connection: only a translator does. */
const A_TRANSLATOR = 0.95;
const FIN = 0x01;

function triggerKind({ birth, by }: CameBack, record: SilenceRecord): number {
  if ((birth.tcpFlags & FIN) !== 0) return TRIGGER.fin;
  if (birth.seq !== record.sides[by].nxt) return TRIGGER.keepalive;
  return birth.payload > 0 ? TRIGGER.data : TRIGGER.ack;
}

/** … and by the reset that answered it. */
const answered = (answer: Birth, { birth, by }: CameBack) => ({
  endingKind: ENDING.rst,
  endingBy: otherSide(by),
  endingAtNs: answer.atNs,
  frameEnding: answer.frame,
  endingTcpFlags: answer.tcpFlags,
  endingTtl: answer.ttl,
  endingIpId: answer.ipId,
  endingSeq: answer.seq,
  endingAck: answer.ack,
  endingTsval: answer.tsval,
  endingWindow: answer.window,
  endingFlags: answer.seq === birth.ack ? ENDING_FLAG.seqIsTriggerAck : 0,
  lastPacketAtNs: answer.atNs,
});

/** The old tuple's silence, ended by the packet that came back. */
function endedBy(record: SilenceRecord, back: CameBack, answer: Birth | null): SilenceRecord {
  const { birth, by } = back;
  const changes = {
    outcome: OUTCOME.killed,
    endedAtNs: birth.atNs,
    triggerAtNs: birth.atNs,
    lastPacketAtNs: birth.atNs,
    frameTrigger: birth.frame,
    triggerKind: triggerKind(back, record),
    triggerBy: by,
    triggerSeq: birth.seq,
    triggerAck: birth.ack,
    triggerEnd: (birth.seq + birth.payload) >>> 0,
    triggerPayload: birth.payload,
    triggerTcpFlags: birth.tcpFlags,
    triggerTsval: birth.tsval,
    triggerIpId: birth.ipId,
    triggerTtl: birth.ttl,
    ...(answer === null ? {} : answered(answer, back)),
  };
  const fields = Object.entries(changes).map(([name, value]) => [
    name,
    { value, enumerable: true },
  ]);
  return Object.create(record, Object.fromEntries(fields)) as SilenceRecord;
}

const factOf = ({ as, tuple }: CameBack, where: string): string =>
  as === 'remap'
    ? `at ${where} the connection came back as ${tupleText(tuple)} without a SYN, its numbers going on: ` +
      'only a translator that had lost its row does that'
    : `at ${where} its packets left as ${tupleText(tuple)}, untranslated: the translator had lost its row`;

/** `reset`: whether an RST answered the packet that came back; `answer`: that reset, where it was seen here. */
function foundAgain(
  judgement: Judgement,
  back: CameBack,
  fact: string,
  { reset, answer }: { readonly reset: boolean; readonly answer: Birth | null },
): Judgement {
  const record = endedBy(judgement.record, back, answer);
  const made = decided(record, {
    signature: back.as,
    verdict: 'box-timeout',
    confidence: A_TRANSLATOR,
    located: {
      is: 'middlebox',
      because: [fact],
      evidence: [],
      middlebox: A_TRANSLATOR,
      form: null,
    },
    evidence: [{ fact, speaksFor: 'box-timeout', weight: A_TRANSLATOR }],
  });
  if (made.finding === null) return judgement;
  const changed = amended(made.finding, {
    bothSides: true,
    translated: back.tuple,
    cameBack: back.as,
  });
  const by = byOf(otherSide(back.by));
  const ending = { ...changed.ending, kind: 'rst', by, form: 'stateless' } as const;
  const finding = reset ? amended(changed, { ending }) : changed;
  // Its reset met the new tuple and is counted there (path/tally.ts).
  const told = amended(finding, { summary: summarize(finding) });
  return { ...made, resetCauses: [], finding: told, openUntilFound: judgement.record };
}

/** What the connection is called at other points: by its twins, else by an earlier silence. */
const tuplesElsewhere = (sighting: Sighting, { ground }: Work) =>
  ground.twins.of(sighting).map(tupleThere);

export interface Return {
  readonly sighting: Sighting;
  readonly back: CameBack;
}

/** Too soon for a silence: what a flush or failover makes of connections that are never silent for long. */
const isEarly = ({ sighting, back }: Return, { scene }: Work): boolean =>
  back.birth.atNs < sighting.startNs + scene.shortestNs;

function returnsOf(work: Work, births: Births): Return[] {
  return work.sightings.flatMap((sighting) => {
    const back = cameBack(sighting, births, tuplesElsewhere(sighting, work));
    return back === null ? [] : [{ sighting, back }];
  });
}

/** Returns on the old tuple's own capture point. */
function settleSilent(work: Work, returns: readonly Return[], births: Births): void {
  const { settled, ground, proven, name } = work;
  const silent = returns.filter(({ sighting }) => sighting.record.outcome === OUTCOME.open);
  for (const { sighting, back } of silent) {
    const judgement = settled[sighting.index];
    if (judgement === undefined) continue;
    const twins = ground.twins.of(sighting).map((twin) => twin.sighting.record);
    const answer = back.as === 'remap' ? births.answerTo(back.birth) : null;
    const reset = answer !== null || (back.as === 'remap' && twins.some(endedByReset));
    const fact = factOf(back, name(sighting.point));
    settled[sighting.index] = foundAgain(judgement, back, fact, { reset, answer });
    proven.add(sighting.index);
  }
}

type Returns = ReadonlyMap<number, CameBack>;

/** The other half came back, and with the packet that broke the silence here. */
function throughTwin(sighting: Sighting, { ground }: Work, returns: Returns): CameBack | null {
  const { record } = sighting;
  for (const { sighting: there, swapped } of ground.twins.of(sighting)) {
    const back = returns.get(there.index);
    if (back === undefined || !triggered(record)) continue;
    const by = swapped ? otherSide(back.by) : back.by;
    if (by !== record.triggerBy || back.birth.payload !== record.triggerPayload) continue;
    return swapped ? { ...back, tuple: flipped(back.tuple) } : back;
  }
  return null;
}

/** Returns seen from the other side of the box: the packet that broke the silence here came out changed there. */
function settleTriggered(work: Work, births: Births, returns: Returns): void {
  const { sightings, settled, ground, proven, name } = work;
  for (const sighting of sightings) {
    const judgement = settled[sighting.index];
    if (judgement === undefined || judgement.finding === null) continue;
    if (proven.has(sighting.index)) continue;
    if (resetBefore(sighting, ground).length > 0) continue;
    const tupleAt = (point: number) => {
      const twin = ground.twins.of(sighting).find((one) => one.sighting.point === point);
      return twin === undefined ? ground.routes.tupleAt(sighting, point) : tupleThere(twin);
    };
    const back =
      throughTwin(sighting, work, returns) ?? cameOut(sighting, births, ground.clocks, tupleAt);
    if (back === null) continue;
    const fact = factOf(back, name(back.birth.point));
    const proof = { fact, weight: A_TRANSLATOR, back };
    settled[sighting.index] = settle(judgement, proof);
    proven.add(sighting.index);
  }
}

/** Answers the connections that came back without having been silent for long. */
export function settleReturns(work: Work, births: Births): readonly Return[] {
  if (births.count === 0) return [];
  const all = returnsOf(work, births);
  const late = all.filter((one) => !isEarly(one, work));
  settleSilent(work, late, births);
  const byIndex = new Map(late.map(({ sighting, back }) => [sighting.index, back]));
  settleTriggered(work, births, byIndex);
  return all.filter((one) => isEarly(one, work));
}
