/**
 * One connection as one capture point saw it, kept in bounded memory however long it is: its
 * handshake, the last packets before the silence, what followed.
 *
 * The middle of the silence parts before from after: no packet of the connection lies in it, so
 * neither a clock's offset nor a round trip moves one to the wrong side.
 */
import type { CarvedFrame } from '../../capture/addon.ts';
import type { Packet } from '../carve/sink.ts';
import { ACK, type Shown, SYN } from './segment.ts';

/** Chosen: two sightings make 64 rows. */
const HEAD = 3;
const BEFORE = 6;
const AFTER = 19;
const LAST = 4;

export interface Kept {
  readonly atNs: bigint;
  readonly frame: Pick<CarvedFrame, 'number' | 'payloadBytes'>;
  readonly shown: Shown;
  /** To hand out; null where nobody asked for it. */
  readonly packet: Packet | null;
  readonly fromOriginator: boolean;
  readonly isReconnect: boolean;
}

const opens = ({ segment }: Shown): boolean =>
  segment !== null && (segment.bits & (SYN | ACK)) === SYN;

export class Sighting {
  readonly #middleNs: bigint;
  #head: Kept[] = [];
  #before: Kept[] = [];
  readonly #after: Kept[] = [];
  readonly #last: Kept[] = [];
  #seenBefore = 0;
  #seenAfter = 0;
  #ended = false;

  constructor(middleNs: bigint) {
    this.#middleNs = middleNs;
  }

  take(packet: Omit<Kept, 'isReconnect'>): void {
    if (this.#ended) return;
    const opening = opens(packet.shown);
    if (packet.atNs < this.#middleNs) this.#takeBefore({ ...packet, isReconnect: false }, opening);
    else this.#takeAfter({ ...packet, isReconnect: opening });
  }

  #takeBefore(packet: Kept, opening: boolean): void {
    // An earlier connection on the same ports is another story; a repeated SYN begins this one.
    if (opening) {
      this.#head = [];
      this.#before = [];
      this.#seenBefore = 0;
    }
    this.#seenBefore++;
    if (this.#head.length < HEAD) this.#head.push(packet);
    else this.#before.push(packet);
    if (this.#before.length > BEFORE) this.#before.shift();
  }

  #takeAfter(packet: Kept): void {
    this.#seenAfter++;
    this.#ended = packet.isReconnect;
    if (this.#after.length < AFTER) this.#after.push(packet);
    else this.#last.push(packet);
    if (this.#last.length > LAST) this.#last.shift();
  }

  get packets(): readonly Kept[] {
    return [...this.#head, ...this.#before, ...this.#after, ...this.#last];
  }

  get handshake(): number {
    return this.#head.filter(({ shown }) => ((shown.segment?.bits ?? 0) & SYN) !== 0).length === 0
      ? 0
      : this.#head.length;
  }

  get omittedBefore(): number {
    return this.#seenBefore - this.#head.length - this.#before.length;
  }

  get omittedAfter(): number {
    return this.#seenAfter - this.#after.length - this.#last.length;
  }
}
