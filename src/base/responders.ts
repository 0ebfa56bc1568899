/**
 * Who answers, from packed records: a capture has few responders and many records, so each responder is one object,
 * and two records have the same one exactly when their bytes say so.
 */
import { SILENCE } from './silence.ts';

/** The key under which the tracker keeps what it knows of a responder: where it was captured, inside which tunnel. */
export interface Responder {
  readonly ipVersion: number;
  readonly address: string;
  readonly port: number;
  readonly capturePoint: number;
  readonly tunnelKind: number;
  readonly tunnelId: number;
}

/** IPv4 dotted, IPv6 in the form of RFC 5952. */
export function addressText(bytes: Uint8Array, version: number): string {
  if (version === 4) return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`;
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0));
  let best = { at: -1, length: 1 };
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) length++;
    if (length > best.length) best = { at: i, length };
  }
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  if (best.at < 0) return hex(groups);
  return `${hex(groups.slice(0, best.at))}::${hex(groups.slice(best.at + best.length))}`;
}

/** The responders of one array of records, each once: found by their bytes, in a table of open addresses. */
export class Responders {
  readonly #view: DataView;
  readonly #list: Responder[] = [];
  /** By responder: a record that has it. */
  readonly #first: number[] = [];
  #slots = new Int32Array(64).fill(-1);

  constructor(view: DataView) {
    this.#view = view;
  }

  of(at: number): Responder {
    const slot = this.#slotOf(at);
    const known = this.#list[this.#slots[slot] as number];
    return known ?? this.#add(at, slot);
  }

  /** Where it stands, or may be put. */
  #slotOf(at: number): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(this.#view, at) & mask;
    for (;;) {
      const known = this.#slots[slot] as number;
      if (known < 0 || sameResponder(this.#view, this.#first[known] as number, at)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #add(at: number, slot: number): Responder {
    const responder = responderAt(this.#view, at);
    this.#slots[slot] = this.#list.length;
    this.#list.push(responder);
    this.#first.push(at);
    if (this.#list.length * 2 > this.#slots.length) this.#grow();
    return responder;
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 4).fill(-1);
    for (const [index, at] of this.#first.entries()) this.#slots[this.#slotOf(at)] = index;
  }
}

const AT_ADDRESS = SILENCE.responderAddress[0];
const AT_PORT = SILENCE.responderPort[0];
const AT_POINT = SILENCE.capturePoint[0];
const AT_TUNNEL = SILENCE.tunnelId[0];
/** tunnelKind and ipVersion stand side by side. */
const AT_KINDS = SILENCE.tunnelKind[0];

function hashOf(view: DataView, at: number): number {
  let hash = view.getUint32(at + AT_ADDRESS, true);
  for (let word = 4; word < 16; word += 4)
    hash = Math.imul(hash ^ view.getUint32(at + AT_ADDRESS + word, true), 0x85ebca6b);
  hash ^= view.getUint16(at + AT_PORT, true) | (view.getUint16(at + AT_POINT, true) << 16);
  hash = Math.imul(hash ^ view.getUint32(at + AT_TUNNEL, true), 0xcc9e2d51);
  return hash ^ (hash >>> 15);
}

function sameResponder(view: DataView, one: number, other: number): boolean {
  for (let word = AT_ADDRESS; word < AT_ADDRESS + 16; word += 4)
    if (view.getUint32(one + word) !== view.getUint32(other + word)) return false;
  return (
    view.getUint16(one + AT_PORT) === view.getUint16(other + AT_PORT) &&
    view.getUint16(one + AT_POINT) === view.getUint16(other + AT_POINT) &&
    view.getUint32(one + AT_TUNNEL) === view.getUint32(other + AT_TUNNEL) &&
    view.getUint16(one + AT_KINDS) === view.getUint16(other + AT_KINDS)
  );
}

function responderAt(view: DataView, at: number): Responder {
  const ipVersion = view.getUint8(at + SILENCE.ipVersion[0]);
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at + AT_ADDRESS, 16);
  return {
    ipVersion,
    address: addressText(bytes, ipVersion),
    port: view.getUint16(at + AT_PORT, true),
    capturePoint: view.getUint16(at + AT_POINT, true),
    tunnelKind: view.getUint8(at + AT_KINDS),
    tunnelId: view.getUint32(at + AT_TUNNEL, true),
  };
}
