/** Silences that ended well, from the tracker's bins: how many on a path, and the longest that anything survived. */
import { frameAt, type SideIndex } from '../base/record.ts';
import { layoutBytes } from '../base/layout.ts';
import { OUTCOME, SURVIVOR_BIN } from '../base/silence.ts';
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

/** A row that stays packed: most are counted and never looked at again. */
class PackedBin implements SurvivorBin {
  readonly responder: Responder;
  readonly #view: DataView;
  readonly #at: number;

  constructor(view: DataView, at: number, responder: Responder) {
    this.responder = responder;
    this.#view = view;
    this.#at = at;
  }

  get firstSpeaker(): SideIndex {
    return this.#view.getUint8(this.#at + SURVIVOR_BIN.firstSpeaker[0]) === 0 ? 0 : 1;
  }

  get tcpState(): number {
    return this.#view.getUint8(this.#at + SURVIVOR_BIN.tcpState[0]);
  }

  get clock(): number {
    return this.#view.getUint8(this.#at + SURVIVOR_BIN.clock[0]);
  }

  get bin(): number {
    return this.#view.getUint16(this.#at + SURVIVOR_BIN.bin[0], true);
  }

  get count(): number {
    return this.#view.getUint32(this.#at + SURVIVOR_BIN.count[0], true);
  }

  get keepalives(): number {
    return this.#view.getUint32(this.#at + SURVIVOR_BIN.keepalives[0], true);
  }

  get longestNs(): bigint {
    return this.#view.getBigUint64(this.#at + SURVIVOR_BIN.longestNs[0], true);
  }

  get longestFrame(): number {
    return frameAt(this.#view, this.#at + SURVIVOR_BIN.longestFrame[0]);
  }
}

const ROW_BYTES = layoutBytes(SURVIVOR_BIN);

/** Rows of silences that were closed in order are left out: nothing went on after them. */
export function readSurvivors(packed: Uint8Array): SurvivorBin[] {
  const bins: SurvivorBin[] = [];
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const responderIn = responderReader(SURVIVOR_BIN);
  for (let at = 0; at + ROW_BYTES <= view.byteLength; at += ROW_BYTES) {
    if (view.getUint8(at + SURVIVOR_BIN.outcome[0]) === OUTCOME.survived) {
      bins.push(new PackedBin(view, at, responderIn(view, at)));
    }
  }
  return bins;
}
