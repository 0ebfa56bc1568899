/** Silences that ended well, from the tracker's bins: how many on a path, and the longest that anything survived. */
import type { SideIndex } from '../base/record.ts';
import { OUTCOME, SURVIVOR_BIN } from '../base/silence.ts';
import { rowsOf } from './rows.ts';
import { type Responder, responderReader } from './responder.ts';

export interface SurvivorBin {
  readonly responder: Responder;
  readonly firstSpeaker: SideIndex;
  /** TCP_STATE */
  readonly tcpState: number;
  /** SILENCE_KIND: the clock that the silence was measured on */
  readonly clock: number;
  /** see bins.ts */
  readonly bin: number;
  readonly count: number;
  /** how many of them were broken by a keepalive probe that was answered */
  readonly keepalives: number;
  readonly longestNs: bigint;
  readonly longestFrame: number;
}

export function binIn(row: DataView, responder: Responder): SurvivorBin {
  return {
    responder,
    firstSpeaker: row.getUint8(SURVIVOR_BIN.firstSpeaker[0]) === 0 ? 0 : 1,
    tcpState: row.getUint8(SURVIVOR_BIN.tcpState[0]),
    clock: row.getUint8(SURVIVOR_BIN.clock[0]),
    bin: row.getUint16(SURVIVOR_BIN.bin[0], true),
    count: row.getUint32(SURVIVOR_BIN.count[0], true),
    keepalives: row.getUint32(SURVIVOR_BIN.keepalives[0], true),
    longestNs: row.getBigUint64(SURVIVOR_BIN.longestNs[0], true),
    longestFrame:
      row.getUint32(SURVIVOR_BIN.longestFrame[0] + 4, true) * 2 ** 32 +
      row.getUint32(SURVIVOR_BIN.longestFrame[0], true),
  };
}

/** Rows of silences that were closed in order are left out: nothing went on after them. */
export function readSurvivors(packed: Uint8Array): SurvivorBin[] {
  const bins: SurvivorBin[] = [];
  const responderIn = responderReader(SURVIVOR_BIN);
  for (const row of rowsOf(packed, SURVIVOR_BIN)) {
    if (row.getUint8(SURVIVOR_BIN.outcome[0]) === OUTCOME.survived) {
      bins.push(binIn(row, responderIn(row)));
    }
  }
  return bins;
}
