/** A frame before it has a link layer: what the pictures make and the rewrapper takes apart. */
export interface Frame {
  readonly atNs: bigint;
  /** Interface name; empty when a capture has one nameless point. */
  readonly point: string;
  readonly etherType: number;
  /** What follows the link layer: usually an IP packet. */
  readonly body: Uint8Array;
  /** Outermost first. */
  readonly vlans: readonly number[];
  /** Bytes of `body` on the wire, where a snaplen cut some off. */
  readonly bodyOnWire: number;
}

/** A record of a capture file: link layer included. */
export interface Recorded {
  readonly atNs: bigint;
  readonly point: string;
  readonly linkType: number;
  readonly bytes: Uint8Array;
  readonly onWire: number;
}

export const ETHER_TYPE = { ipv4: 0x0800, ipv6: 0x86dd, vlan: 0x8100, qinq: 0x88a8 } as const;

export const etherTypeOf = (packet: Uint8Array): number =>
  (packet[0] ?? 0) >> 4 === 6 ? ETHER_TYPE.ipv6 : ETHER_TYPE.ipv4;

export function frameOf(
  atNs: bigint,
  point: string,
  body: Uint8Array,
  vlans: readonly number[] = [],
): Frame {
  return { atNs, point, etherType: etherTypeOf(body), body, vlans, bodyOnWire: body.length };
}
