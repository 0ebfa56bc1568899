// Printed from src/base/silence.ts by `npm run layout`; do not edit. A test proves it fresh.
import { numberAt, Packed, type SideIndex, sideAt } from './packed.ts';

/** Of the tables that this code was written for: the addon must bear the same. */
export const FINGERPRINT = 0xad816d84;

/** The fields of a Silence record that have a number or a moment in them. */
export class SilenceFields extends Packed {
  get startedAtNs(): bigint {
    return this.view.getBigUint64(this.at + 0, true);
  }

  get endedAtNs(): bigint {
    return this.view.getBigUint64(this.at + 8, true);
  }

  get triggerAtNs(): bigint {
    return this.view.getBigUint64(this.at + 16, true);
  }

  get endingAtNs(): bigint {
    return this.view.getBigUint64(this.at + 24, true);
  }

  get answeredAtNs(): bigint {
    return this.view.getBigUint64(this.at + 32, true);
  }

  get lastRetransmissionAtNs(): bigint {
    return this.view.getBigUint64(this.at + 40, true);
  }

  get pairAtNs(): bigint {
    return this.view.getBigUint64(this.at + 48, true);
  }

  get icmpAtNs(): bigint {
    return this.view.getBigUint64(this.at + 56, true);
  }

  get flowStartedAtNs(): bigint {
    return this.view.getBigUint64(this.at + 64, true);
  }

  get lastPayloadAtNs(): bigint {
    return this.view.getBigUint64(this.at + 72, true);
  }

  get lastPacketAtNs(): bigint {
    return this.view.getBigUint64(this.at + 80, true);
  }

  get frameLastBefore(): number {
    return numberAt(this.view, this.at + 88);
  }

  get frameTrigger(): number {
    return numberAt(this.view, this.at + 96);
  }

  get frameEnding(): number {
    return numberAt(this.view, this.at + 104);
  }

  get framePair(): number {
    return numberAt(this.view, this.at + 112);
  }

  get originatorPort(): number {
    return this.view.getUint16(this.at + 152, true);
  }

  get responderPort(): number {
    return this.view.getUint16(this.at + 154, true);
  }

  get capturePoint(): number {
    return this.view.getUint16(this.at + 156, true);
  }

  get vlan(): number {
    return this.view.getUint16(this.at + 158, true);
  }

  get tunnelId(): number {
    return this.view.getUint32(this.at + 160, true);
  }

  get tunnelKind(): number {
    return this.view.getUint8(this.at + 164);
  }

  get ipVersion(): number {
    return this.view.getUint8(this.at + 165);
  }

  get kind(): number {
    return this.view.getUint8(this.at + 166);
  }

  get outcome(): number {
    return this.view.getUint8(this.at + 167);
  }

  get unobservedBecause(): number {
    return this.view.getUint8(this.at + 168);
  }

  get triggerKind(): number {
    return this.view.getUint8(this.at + 169);
  }

  get triggerBy(): SideIndex {
    return sideAt(this.view, this.at + 170);
  }

  get endingKind(): number {
    return this.view.getUint8(this.at + 171);
  }

  get endingBy(): SideIndex {
    return sideAt(this.view, this.at + 172);
  }

  get lastBeforeBy(): SideIndex {
    return sideAt(this.view, this.at + 173);
  }

  get icmpType(): number {
    return this.view.getUint8(this.at + 174);
  }

  get icmpCode(): number {
    return this.view.getUint8(this.at + 175);
  }

  get flowFlags(): number {
    return this.view.getUint32(this.at + 176, true);
  }

  get endingFlags(): number {
    return this.view.getUint32(this.at + 180, true);
  }

  get triggerSeq(): number {
    return this.view.getUint32(this.at + 184, true);
  }

  get triggerAck(): number {
    return this.view.getUint32(this.at + 188, true);
  }

  get triggerEnd(): number {
    return this.view.getUint32(this.at + 192, true);
  }

  get triggerPayload(): number {
    return this.view.getUint32(this.at + 196, true);
  }

  get triggerTcpFlags(): number {
    return this.view.getUint8(this.at + 200);
  }

  get endingTcpFlags(): number {
    return this.view.getUint8(this.at + 201);
  }

  get endingTtl(): number {
    return this.view.getUint8(this.at + 202);
  }

  get pairTtl(): number {
    return this.view.getUint8(this.at + 203);
  }

  get retransmissions(): number {
    return this.view.getUint16(this.at + 204, true);
  }

  get endingIpId(): number {
    return this.view.getUint16(this.at + 206, true);
  }

  get endingSeq(): number {
    return this.view.getUint32(this.at + 208, true);
  }

  get endingAck(): number {
    return this.view.getUint32(this.at + 212, true);
  }

  get endingTsval(): number {
    return this.view.getUint32(this.at + 216, true);
  }

  get endingWindow(): number {
    return this.view.getUint16(this.at + 220, true);
  }

  get pairTcpFlags(): number {
    return this.view.getUint8(this.at + 222);
  }

  get pairBy(): SideIndex {
    return sideAt(this.view, this.at + 223);
  }

  get endingPayload(): number {
    return this.view.getUint32(this.at + 224, true);
  }

  get keepalivesBefore(): number {
    return this.view.getUint16(this.at + 228, true);
  }

  get keepalivesAnswered(): number {
    return this.view.getUint16(this.at + 230, true);
  }

  get keepaliveIntervalMs(): number {
    return this.view.getUint32(this.at + 232, true);
  }

  get packets(): number {
    return this.view.getUint32(this.at + 284, true);
  }

  get triggerTsval(): number {
    return this.view.getUint32(this.at + 288, true);
  }

  get triggerIpId(): number {
    return this.view.getUint16(this.at + 292, true);
  }

  get triggerTtl(): number {
    return this.view.getUint8(this.at + 294);
  }

  get reconnectedAtNs(): bigint {
    return this.view.getBigUint64(this.at + 296, true);
  }

  get frameReconnect(): number {
    return numberAt(this.view, this.at + 304);
  }

  get reconnectPort(): number {
    return this.view.getUint16(this.at + 312, true);
  }
}

/** Those of one of its sides. */
export class SideFields extends Packed {
  get nxt(): number {
    return this.view.getUint32(this.at + 236, true);
  }

  get ack(): number {
    return this.view.getUint32(this.at + 240, true);
  }

  get tsval(): number {
    return this.view.getUint32(this.at + 244, true);
  }

  get minRttNs(): number {
    return this.view.getUint32(this.at + 248, true);
  }

  get window(): number {
    return this.view.getUint16(this.at + 252, true);
  }

  get ipId(): number {
    return this.view.getUint16(this.at + 254, true);
  }

  get ttlHandshake(): number {
    return this.view.getUint8(this.at + 256);
  }

  get ttlData(): number {
    return this.view.getUint8(this.at + 257);
  }

  get flags(): number {
    return this.view.getUint16(this.at + 258, true);
  }
}
