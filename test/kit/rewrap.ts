/** The same packets in other clothes: another link layer, a tunnel around them, a VLAN tag on them. */
import { ETHER_TYPE, type Frame, frameOf, type Recorded } from './frame.ts';
import { LINK, recorded } from './link-layer.ts';
import { ipPacket, PROTOCOL, udpPacket } from './wire.ts';

/** Takes Ethernet and its VLAN tags off. */
export function unwrapped(record: Recorded): Frame {
  if (record.linkType !== LINK.ethernet) throw new Error('only Ethernet is taken apart here');
  const bytes = Buffer.from(record.bytes);
  const vlans: number[] = [];
  let at = 12;
  while ([ETHER_TYPE.vlan, ETHER_TYPE.qinq].some((type) => type === bytes.readUInt16BE(at))) {
    vlans.push(bytes.readUInt16BE(at + 2) & 0xfff);
    at += 4;
  }
  const body = withoutPadding(bytes.subarray(at + 2), bytes.readUInt16BE(at));
  const onWire = record.onWire - at - 2 - (bytes.length - at - 2 - body.length);
  return {
    ...frameOf(record.atNs, record.point, body, vlans),
    etherType: bytes.readUInt16BE(at),
    bodyOnWire: onWire,
  };
}

/** Ethernet pads to 60 bytes; what is behind the IP packet must not travel on in a tunnel. */
function withoutPadding(body: Buffer, etherType: number): Buffer {
  if (etherType !== ETHER_TYPE.ipv4 && etherType !== ETHER_TYPE.ipv6) return body;
  const length = etherType === ETHER_TYPE.ipv4 ? body.readUInt16BE(2) : 40 + body.readUInt16BE(4);
  return body.subarray(0, Math.min(length, body.length));
}

export const isIp = (frame: Frame): boolean =>
  frame.etherType === ETHER_TYPE.ipv4 || frame.etherType === ETHER_TYPE.ipv6;

const OUTER = {
  source: '172.16.0.1',
  destination: '172.16.0.2',
  ttl: 61,
  id: 99,
  dontFragment: false,
};

const VNI = 4242;

const ethernetInside = (frame: Frame): Uint8Array => recorded(frame, 'ethernet').bytes;

/** RFC 7348 §5. */
const vxlan = (frame: Frame): Buffer => {
  const header = Buffer.from([0x08, 0, 0, 0, 0, VNI >> 8, VNI & 255, 0]);
  return udpPacket(OUTER, 50_000, 4789, Buffer.concat([header, ethernetInside(frame)]));
};

/** RFC 8926 §3.4: no options, Ethernet inside. */
const geneve = (frame: Frame): Buffer => {
  const header = Buffer.from([0, 0, 0x65, 0x58, 0, VNI >> 8, VNI & 255, 0]);
  return udpPacket(OUTER, 50_000, 6081, Buffer.concat([header, ethernetInside(frame)]));
};

/** RFC 2784 with the key of RFC 2890. */
const gre = (frame: Frame): Buffer => {
  const header = Buffer.from([
    0x20,
    0,
    frame.etherType >> 8,
    frame.etherType & 255,
    0,
    0,
    VNI >> 8,
    VNI & 255,
  ]);
  return ipPacket(OUTER, PROTOCOL.gre, Buffer.concat([header, frame.body]));
};

/** RFC 2003, and 6in4 (RFC 4213) for IPv6 inside. */
const ipip = (frame: Frame): Buffer =>
  ipPacket(OUTER, frame.etherType === ETHER_TYPE.ipv6 ? PROTOCOL.ipv6 : PROTOCOL.ipip, frame.body);

const TUNNELS = { vxlan, geneve, gre, ipip } as const;

export type TunnelName = keyof typeof TUNNELS;

export const TUNNEL_NAMES = Object.keys(TUNNELS) as readonly TunnelName[];

/** A tunnel's headers count what was on the wire; the snaplen cuts behind them what it had cut before. */
export function tunnelled(frame: Frame, tunnel: TunnelName): Frame {
  const missing = frame.bodyOnWire - frame.body.length;
  const whole = Buffer.concat([frame.body, Buffer.alloc(missing)]);
  const around = TUNNELS[tunnel]({ ...frame, body: whole, vlans: [] });
  const outer = frameOf(frame.atNs, frame.point, around);
  return { ...outer, body: around.subarray(0, around.length - missing) };
}

export const onVlans = (frame: Frame, ...vlans: readonly number[]): Frame => ({ ...frame, vlans });
