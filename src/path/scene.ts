/** The judge's Scene, from what a capture gave. Everything is indexed once; a question costs a look-up. */
import { readSilences, type SilenceRecord } from '../base/record.ts';
import { TCP_STATE } from '../base/silence.ts';
import { NS_PER_SECOND } from '../base/units.ts';
import type { Captured } from '../dispatch/merge.ts';
import { halfClosed } from '../judge/connection.ts';
import type { Scene } from '../judge/finding.ts';
import { readAlive } from './alive.ts';
import { readResetSeconds } from './resets.ts';
import { responderKey, responderOf } from './responder.ts';
import { readSurvivors, type Survivors } from './survivors.ts';

const stateOf = (record: SilenceRecord): number =>
  halfClosed(record) ? TCP_STATE.halfClosed : TCP_STATE.established;

/** A number for what parts the survivors of one responder. */
const cellOf = (clock: number, tcpState: number): number => 2 * clock + tcpState;

/** Longest survivor per responder, by `cellOf` clock and TCP state. */
function longest(runs: readonly Survivors[]): Map<string, bigint[]> {
  const found = new Map<string, bigint[]>();
  for (const { responder, clock, tcpState, longestNs } of runs) {
    const key = responderKey(responder);
    const cells = found.get(key) ?? [0n, 0n, 0n, 0n];
    const cell = cellOf(clock, tcpState);
    if (longestNs > (cells[cell] as bigint)) cells[cell] = longestNs;
    found.set(key, cells);
  }
  return found;
}

export function buildScene(
  captured: Captured,
  shortestNs: bigint,
  survivors = readSurvivors(captured.survivors),
): Scene {
  const alive = readAlive(captured.alive);
  const resets = readResetSeconds(captured.resetSeconds);
  const survived = longest(survivors);
  return {
    shortestNs,
    captureEndNs: (capturePoint) => captured.capturePoints[capturePoint]?.lastAtNs ?? 0n,
    responderAnswered: (record, fromNs, untilNs, olderThanNs) =>
      alive.answered(responderOf(record), { fromNs, untilNs, olderThanNs }),
    answerStepNs: BigInt(alive.stepSeconds) * NS_PER_SECOND,
    statelessResets: (record, fromNs, untilNs) =>
      resets.count(responderOf(record), fromNs, untilNs),
    records: () => readSilences(captured.silences),
    longestSurvivedNs: (record: SilenceRecord) =>
      survived.get(responderKey(responderOf(record)))?.[cellOf(record.kind, stateOf(record))] ?? 0n,
  };
}
