/**
 * One IP packet in every dress that the decoder knows: link layers, tags, tunnels. Bytes by hand, each by its standard,
 * so that the decoder is not tested with its own idea of a header.
 */
import { ipPacket, isV6, PROTOCOL, udpPacket } from './kit/wire.ts';

/** Tunnel:: of native/silence.h. */
export const KIND = {
  none: 0,
  vxlan: 1,
  geneve: 2,
  gre: 3,
  gtpu: 4,
  erspan: 5,
  ipip: 6,
  nvgre: 7,
} as const;

export interface Dress {
  readonly name: string;
  readonly linkType: number;
  readonly wear: (ip: Buffer) => Buffer;
  readonly vlan?: number;
  readonly kind?: number;
  readonly id?: number;
  /** The only IP version that it carries. */
  readonly only?: 4 | 6;
  /** Why tshark does not see the same by default. */
  readonly tsharkDiffers?: string;
}

const bytes = (...values: readonly number[]): Buffer => Buffer.from(values);
const u16 = (value: number): Buffer => bytes(value >> 8, value & 255);
const u32 = (value: number): Buffer => Buffer.concat([u16(value >>> 16), u16(value & 0xffff)]);
const join = (...parts: readonly Uint8Array[]): Buffer => Buffer.concat(parts);

const isSix = (ip: Buffer): boolean => (ip[0] ?? 0) >> 4 === 6;
const etherType = (ip: Buffer): Buffer => u16(isSix(ip) ? 0x86dd : 0x0800);
const pppProtocol = (ip: Buffer): Buffer => u16(isSix(ip) ? 0x57 : 0x21);

const MACS = bytes(2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2);
/** Manufacturers that tshark knows, which is how it tells Ethernet over MPLS without a control word. */
const KNOWN_MACS = bytes(0, 0, 0x0c, 1, 2, 3, 0, 0, 0x0c, 4, 5, 6);

const typed = (ip: Buffer): Buffer => join(etherType(ip), ip);
const ethernet = (ip: Buffer): Buffer => join(MACS, typed(ip));
const behindType = (type: number, body: Buffer): Buffer => join(MACS, u16(type), body);
const tag = (type: number, id: number): Buffer => join(u16(type), u16(id));
const llc = (ip: Buffer): Buffer => join(bytes(0xaa, 0xaa, 3, 0, 0, 0), typed(ip));
const counted = (body: Buffer): Buffer => join(MACS, u16(body.length), body);
const label = (value: number, bottom: boolean): Buffer =>
  u32((value << 12) | (bottom ? 0x100 : 0) | 64);

const ETHERNET: readonly Dress[] = [
  { name: 'Ethernet', linkType: 1, wear: ethernet },
  {
    name: 'Ethernet with a trailer',
    linkType: 1,
    wear: (ip) => join(ethernet(ip), Buffer.alloc(9, 0xaa)),
  },
  {
    name: '802.1Q',
    linkType: 1,
    vlan: 42,
    wear: (ip) => join(MACS, tag(0x8100, 0x602a), typed(ip)),
  },
  {
    name: '802.1ad',
    linkType: 1,
    vlan: 7,
    wear: (ip) => join(MACS, tag(0x88a8, 7), tag(0x8100, 9), typed(ip)),
  },
  {
    name: '0x9100',
    linkType: 1,
    vlan: 7,
    wear: (ip) => join(MACS, tag(0x9100, 7), tag(0x8100, 9), typed(ip)),
  },
  {
    name: 'a priority tag before a VLAN',
    linkType: 1,
    vlan: 9,
    wear: (ip) => join(MACS, tag(0x8100, 0xe000), tag(0x8100, 9), typed(ip)),
  },
  {
    name: 'eight tags',
    linkType: 1,
    vlan: 1,
    wear: (ip) => join(MACS, ...[1, 2, 3, 4, 5, 6, 7, 8].map((id) => tag(0x8100, id)), typed(ip)),
  },
  { name: '802.3 with SNAP', linkType: 1, wear: (ip) => counted(llc(ip)) },
  {
    name: '802.3 with SNAP, padded',
    linkType: 1,
    wear: (ip) => join(counted(llc(ip)), Buffer.alloc(20)),
  },
  {
    name: 'SNAP of a bridge (00:00:f8)',
    linkType: 1,
    wear: (ip) => counted(join(bytes(0xaa, 0xaa, 3, 0, 0, 0xf8), typed(ip))),
  },
  {
    name: 'LLC with the access point of IP',
    linkType: 1,
    only: 4,
    wear: (ip) => counted(join(bytes(6, 6, 3), ip)),
  },
  {
    name: '802.1ah',
    linkType: 1,
    wear: (ip) => behindType(0x88e7, join(u32(0x1234), ethernet(ip))),
  },
  {
    name: 'MACsec that only authenticates',
    linkType: 1,
    wear: (ip) => behindType(0x88e5, join(bytes(0, 0), u32(1), typed(ip), Buffer.alloc(16))),
  },
  {
    name: 'MACsec with an SCI',
    linkType: 1,
    wear: (ip) =>
      behindType(
        0x88e5,
        join(bytes(0x20, 0), u32(1), Buffer.alloc(8, 1), typed(ip), Buffer.alloc(16)),
      ),
  },
  { name: 'VN-Tag', linkType: 1, wear: (ip) => behindType(0x8926, join(u32(0x1234), typed(ip))) },
  {
    name: 'Cisco MetaData',
    linkType: 1,
    wear: (ip) => behindType(0x8909, join(bytes(1, 1, 0, 1, 0, 5), typed(ip))),
  },
  { name: 'MPLS', linkType: 1, wear: (ip) => behindType(0x8847, join(label(100, true), ip)) },
  {
    name: 'MPLS, three labels',
    linkType: 1,
    wear: (ip) =>
      behindType(0x8847, join(label(100, false), label(200, false), label(300, true), ip)),
  },
  {
    name: 'Ethernet over MPLS with a control word',
    linkType: 1,
    wear: (ip) => behindType(0x8847, join(label(100, true), u32(5), KNOWN_MACS, typed(ip))),
  },
  {
    name: 'Ethernet over MPLS',
    linkType: 1,
    wear: (ip) => behindType(0x8847, join(label(100, true), KNOWN_MACS, typed(ip))),
  },
  {
    name: 'NSH',
    linkType: 1,
    wear: (ip) =>
      behindType(
        0x894f,
        join(bytes(0x0f, 0xc6, 1, isSix(ip) ? 2 : 1), u32(0x123), Buffer.alloc(16), ip),
      ),
  },
];

const pppoe = (ip: Buffer): Buffer =>
  join(bytes(0x11, 0, 0, 1), u16(ip.length + 2), pppProtocol(ip), ip);

const POINT_TO_POINT: readonly Dress[] = [
  { name: 'PPPoE', linkType: 1, wear: (ip) => behindType(0x8864, pppoe(ip)) },
  {
    name: 'PPPoE in a VLAN, padded',
    linkType: 1,
    vlan: 3,
    wear: (ip) => join(MACS, tag(0x8100, 3), u16(0x8864), pppoe(ip), Buffer.alloc(8)),
  },
  { name: 'PPP', linkType: 9, wear: (ip) => join(pppProtocol(ip), ip) },
  {
    name: 'PPP with address and control',
    linkType: 9,
    wear: (ip) => join(bytes(0xff, 3), pppProtocol(ip), ip),
  },
  {
    name: 'PPP with a compressed protocol',
    linkType: 9,
    wear: (ip) => join(bytes(isSix(ip) ? 0x57 : 0x21), ip),
  },
  { name: 'PPP in HDLC', linkType: 50, wear: (ip) => join(bytes(0xff, 3), pppProtocol(ip), ip) },
  {
    name: 'Cisco HDLC under PPP_HDLC',
    linkType: 50,
    wear: (ip) => join(bytes(0x0f, 0), typed(ip)),
  },
  { name: 'PPP_ETHER', linkType: 51, wear: pppoe },
  {
    name: 'PPP_WITH_DIR',
    linkType: 204,
    wear: (ip) => join(bytes(1, 0xff, 3), pppProtocol(ip), ip),
  },
  {
    name: 'PPP_PPPD',
    linkType: 166,
    wear: (ip) => join(bytes(1, 3), pppProtocol(ip), ip),
    tsharkDiffers: 'it does not know this link type',
  },
  { name: 'Cisco HDLC', linkType: 104, wear: (ip) => join(bytes(0x0f, 0), typed(ip)) },
  {
    name: 'Frame Relay',
    linkType: 107,
    wear: (ip) => join(bytes(0x18, 0x41, 3, isSix(ip) ? 0x8e : 0xcc), ip),
  },
  {
    name: 'Frame Relay with SNAP',
    linkType: 107,
    wear: (ip) => join(bytes(0x18, 0x41, 3, 0, 0x80, 0, 0, 0), typed(ip)),
  },
  { name: 'Frame Relay, Cisco', linkType: 107, wear: (ip) => join(bytes(0x18, 0x41), typed(ip)) },
  { name: 'ATM, RFC 1483', linkType: 100, wear: llc },
];

const sll = (protocol: Buffer): Buffer =>
  join(bytes(0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0), protocol);
const tlv = (type: number, body: Buffer): Buffer => {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(4 + body.length, 0);
  head.writeUInt16LE(type, 2);
  return join(head, body, Buffer.alloc((4 - (body.length % 4)) % 4));
};
const le32 = (...values: readonly number[]): Buffer => {
  const out = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => out.writeUInt32LE(value >>> 0, 4 * i));
  return out;
};

const HOSTS: readonly Dress[] = [
  {
    name: 'NULL, little-endian',
    linkType: 0,
    wear: (ip) => join(bytes(isSix(ip) ? 30 : 2, 0, 0, 0), ip),
  },
  {
    name: 'NULL, big-endian',
    linkType: 0,
    wear: (ip) => join(bytes(0, 0, 0, isSix(ip) ? 24 : 2), ip),
  },
  { name: 'LOOP', linkType: 108, wear: (ip) => join(bytes(0, 0, 0, isSix(ip) ? 28 : 2), ip) },
  { name: 'RAW', linkType: 101, wear: (ip) => ip },
  { name: 'IPV4', linkType: 228, only: 4, wear: (ip) => ip },
  { name: 'IPV6', linkType: 229, only: 6, wear: (ip) => ip },
  { name: 'SLL', linkType: 113, wear: (ip) => join(sll(etherType(ip)), ip) },
  {
    name: 'SLL with a VLAN',
    linkType: 113,
    vlan: 5,
    wear: (ip) => join(sll(u16(0x8100)), u16(5), typed(ip)),
  },
  {
    name: 'SLL2',
    linkType: 276,
    wear: (ip) =>
      join(etherType(ip), bytes(0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0), ip),
  },
  {
    name: 'NFLOG',
    linkType: 239,
    wear: (ip) =>
      join(
        bytes(isSix(ip) ? 10 : 2, 0, 0, 0),
        tlv(1, bytes(8, 0, 1, 0)),
        tlv(10, Buffer.from('cut\0')),
        tlv(9, ip),
      ),
  },
  {
    name: 'PKTAP',
    linkType: 258,
    wear: (ip) => join(le32(108, 1, 1), Buffer.alloc(96), ethernet(ip)),
    tsharkDiffers: 'it wants more of the header than this has',
  },
  {
    name: 'PFLOG',
    linkType: 117,
    wear: (ip) => join(bytes(61, isSix(ip) ? 24 : 2), Buffer.alloc(62), ip),
  },
  {
    name: 'ENC',
    linkType: 109,
    wear: (ip) => join(bytes(0, 0, 0, isSix(ip) ? 24 : 2), Buffer.alloc(8), ip),
    tsharkDiffers: 'it reads the family in host order',
  },
  { name: 'FDDI', linkType: 10, wear: (ip) => join(bytes(0x50), MACS, llc(ip)) },
  {
    name: 'SLIP',
    linkType: 8,
    wear: (ip) => join(bytes(0), Buffer.alloc(15), ip),
    tsharkDiffers: 'it has no SLIP',
  },
];

/** Frame control, then addresses and sequence control; the body's LLC follows. */
const dot11 = (control: number, flags: number, more: Uint8Array = bytes()): Buffer =>
  join(bytes(control, flags, 0, 0), MACS, bytes(2, 0, 0, 0, 0, 3), bytes(0, 0), more);
const DATA = 0x08;
const QOS = 0x88;
const radiotap = (present: number, fields: Buffer): Buffer => {
  const head = bytes(0, 0, 8 + fields.length, 0);
  return join(head, le32(present), fields);
};

const WIFI: readonly Dress[] = [
  { name: '802.11', linkType: 105, wear: (ip) => join(dot11(DATA, 1), llc(ip)) },
  { name: '802.11 QoS', linkType: 105, wear: (ip) => join(dot11(QOS, 2, bytes(0, 0)), llc(ip)) },
  {
    name: '802.11 with four addresses',
    linkType: 105,
    wear: (ip) => join(dot11(DATA, 3, Buffer.alloc(6, 4)), llc(ip)),
  },
  {
    name: '802.11 QoS with HT control',
    linkType: 105,
    wear: (ip) => join(dot11(QOS, 0x82, bytes(0, 0, 0, 0, 0, 0)), llc(ip)),
  },
  {
    name: '802.11 aggregate',
    linkType: 105,
    wear: (ip) => join(dot11(QOS, 2, bytes(0x80, 0)), MACS, u16(llc(ip).length), llc(ip)),
  },
  {
    name: 'radiotap',
    linkType: 127,
    wear: (ip) => join(radiotap(0, bytes()), dot11(DATA, 1), llc(ip)),
  },
  {
    name: 'radiotap with TSFT, FCS, two presence words',
    linkType: 127,
    wear: (ip) =>
      join(
        radiotap(0x80000003, join(le32(0), Buffer.alloc(8), bytes(0x10))),
        dot11(DATA, 1),
        llc(ip),
        Buffer.alloc(4),
      ),
    tsharkDiffers: 'the FCS is wrong',
  },
  {
    name: 'radiotap with a padded header',
    linkType: 127,
    wear: (ip) => join(radiotap(2, bytes(0x20)), dot11(QOS, 2, bytes(0, 0)), bytes(0, 0), llc(ip)),
  },
  {
    name: 'Prism',
    linkType: 119,
    wear: (ip) => join(le32(0x44, 144), Buffer.alloc(136), dot11(DATA, 1), llc(ip)),
  },
  {
    name: 'AVS',
    linkType: 163,
    wear: (ip) => join(u32(0x80211001), u32(64), Buffer.alloc(56), dot11(DATA, 1), llc(ip)),
  },
  {
    name: 'PPI',
    linkType: 192,
    wear: (ip) => join(bytes(0, 0, 8, 0), le32(105), dot11(DATA, 1), llc(ip)),
  },
];

const OUTER = {
  source: '172.16.0.1',
  destination: '172.16.0.2',
  ttl: 61,
  id: 99,
  dontFragment: false,
};
const OUTER6 = { ...OUTER, source: 'fd00::1', destination: 'fd00::2' };

const inIp = (protocol: number, body: Buffer, ip = OUTER): Buffer =>
  ethernet(ipPacket(ip, protocol, body));
const inUdp = (port: number, body: Buffer, ip = OUTER): Buffer =>
  ethernet(udpPacket(ip, 50_000, port, body));
const gre = (flags: number, protocol: Buffer, ...rest: readonly Buffer[]): Buffer =>
  inIp(PROTOCOL.gre, join(u16(flags), protocol, ...rest));
const versionOf = (ip: Buffer): number => (isSix(ip) ? PROTOCOL.ipv6 : PROTOCOL.ipip);
const TEB = u16(0x6558);
const vni = (value: number): Buffer => u32(value << 8);

const GRE: readonly Dress[] = [
  { name: 'GRE', linkType: 1, kind: KIND.gre, wear: (ip) => gre(0, etherType(ip), ip) },
  {
    name: 'GRE over IPv6',
    linkType: 1,
    kind: KIND.gre,
    wear: (ip) => inIp(PROTOCOL.gre, join(u16(0), etherType(ip), ip), OUTER6),
  },
  {
    name: 'GRE with checksum, key, sequence',
    linkType: 1,
    kind: KIND.gre,
    id: 77,
    wear: (ip) => gre(0xb000, etherType(ip), u32(0), u32(77), u32(1), ip),
  },
  {
    name: 'GRE with routes',
    linkType: 1,
    kind: KIND.gre,
    wear: (ip) => gre(0x4000, etherType(ip), u32(0), bytes(0, 2, 0, 4, 1, 2, 3, 4), u32(0), ip),
  },
  {
    name: 'GRE of Ethernet with a small key',
    linkType: 1,
    kind: KIND.gre,
    id: 5,
    wear: (ip) => gre(0x2000, TEB, u32(5), ethernet(ip)),
  },
  {
    name: 'NVGRE',
    linkType: 1,
    kind: KIND.nvgre,
    id: 0x4242,
    wear: (ip) => gre(0x2000, TEB, u32(0x424207), ethernet(ip)),
  },
  {
    name: 'GRE with MPLS',
    linkType: 1,
    kind: KIND.gre,
    wear: (ip) => gre(0, u16(0x8847), label(9, true), ip),
  },
  {
    name: 'ERSPAN I',
    linkType: 1,
    kind: KIND.erspan,
    wear: (ip) => gre(0, u16(0x88be), ethernet(ip)),
  },
  {
    name: 'ERSPAN II',
    linkType: 1,
    kind: KIND.erspan,
    id: 12,
    wear: (ip) => gre(0x1000, u16(0x88be), u32(1), bytes(0x10, 1, 0, 12), u32(0), ethernet(ip)),
  },
  {
    name: 'ERSPAN III',
    linkType: 1,
    kind: KIND.erspan,
    id: 12,
    wear: (ip) =>
      gre(0x1000, u16(0x22eb), u32(1), bytes(0x20, 1, 0, 12), u32(0), u32(0), ethernet(ip)),
  },
  {
    name: 'ERSPAN III with a platform header',
    linkType: 1,
    kind: KIND.erspan,
    id: 12,
    wear: (ip) =>
      gre(
        0x1000,
        u16(0x22eb),
        u32(1),
        bytes(0x20, 1, 0, 12),
        u32(0),
        u32(1),
        Buffer.alloc(8),
        ethernet(ip),
      ),
  },
  {
    name: 'PPTP',
    linkType: 1,
    kind: KIND.gre,
    wear: (ip) =>
      gre(
        0x3081,
        u16(0x880b),
        u16(ip.length + 4),
        u16(7),
        u32(1),
        u32(2),
        bytes(0xff, 3),
        pppProtocol(ip),
        ip,
      ),
  },
  {
    name: 'WCCP 2',
    linkType: 1,
    kind: KIND.gre,
    only: 4,
    wear: (ip) => gre(0, u16(0x883e), u32(0x00112233), ip),
  },
  { name: 'WCCP 1', linkType: 1, kind: KIND.gre, only: 4, wear: (ip) => gre(0, u16(0x883e), ip) },
];

const IN_IP: readonly Dress[] = [
  { name: 'IP in IPv4', linkType: 1, kind: KIND.ipip, wear: (ip) => inIp(versionOf(ip), ip) },
  {
    name: 'IP in IPv6',
    linkType: 1,
    kind: KIND.ipip,
    wear: (ip) => inIp(versionOf(ip), ip, OUTER6),
  },
  {
    name: 'EtherIP',
    linkType: 1,
    kind: KIND.ipip,
    wear: (ip) => inIp(97, join(u16(0x3000), ethernet(ip))),
  },
  {
    name: 'MPLS in IP',
    linkType: 1,
    kind: KIND.ipip,
    wear: (ip) => inIp(137, join(label(9, true), ip)),
  },
  {
    name: 'Ethernet in IPv6 (SRv6)',
    linkType: 1,
    kind: KIND.ipip,
    wear: (ip) => inIp(143, ethernet(ip), OUTER6),
    tsharkDiffers: 'version 4.0 does not know protocol 143',
  },
  {
    name: 'under an authentication header',
    linkType: 1,
    kind: KIND.ipip,
    wear: (ip) => inIp(51, join(bytes(versionOf(ip), 4, 0, 0), Buffer.alloc(20), ip)),
  },
  {
    name: 'behind IPv6 extension headers',
    linkType: 1,
    kind: KIND.ipip,
    wear: (ip) =>
      inIp(
        0,
        join(
          bytes(43, 0, 1, 4, 0, 0, 0, 0),
          bytes(60, 2, 4, 0),
          Buffer.alloc(20),
          bytes(44, 0, 1, 4, 0, 0, 0, 0),
          bytes(versionOf(ip), 0, 0, 0, 0, 0, 0, 1),
          ip,
        ),
        OUTER6,
      ),
  },
];

const nestedIpip = (ip: Buffer, depth: number): Buffer =>
  depth === 0 ? ip : nestedIpip(ipPacket(OUTER, versionOf(ip), ip), depth - 1);

/** `depth` times IP in IPv4, in Ethernet. */
export const ipipTimes =
  (depth: number) =>
  (ip: Buffer): Buffer =>
    ethernet(nestedIpip(ip, depth));

const IN_UDP: readonly Dress[] = [
  {
    name: 'VXLAN',
    linkType: 1,
    kind: KIND.vxlan,
    id: 4242,
    wear: (ip) => inUdp(4789, join(u32(0x08000000), vni(4242), ethernet(ip))),
  },
  {
    name: 'VXLAN over IPv6',
    linkType: 1,
    kind: KIND.vxlan,
    id: 4242,
    wear: (ip) => inUdp(4789, join(u32(0x08000000), vni(4242), ethernet(ip)), OUTER6),
  },
  {
    name: 'VXLAN with a VLAN inside',
    linkType: 1,
    kind: KIND.vxlan,
    id: 4242,
    vlan: 8,
    wear: (ip) => inUdp(4789, join(u32(0x08000000), vni(4242), MACS, tag(0x8100, 8), typed(ip))),
  },
  {
    name: 'VXLAN at Linux’s port',
    linkType: 1,
    kind: KIND.vxlan,
    id: 1,
    wear: (ip) => inUdp(8472, join(u32(0x08000000), vni(1), ethernet(ip))),
    tsharkDiffers: 'it takes the port for OTV',
  },
  {
    name: 'VXLAN-GPE of IP',
    linkType: 1,
    kind: KIND.vxlan,
    id: 4242,
    wear: (ip) => inUdp(4790, join(bytes(0x0c, 0, 0, isSix(ip) ? 2 : 1), vni(4242), ip)),
  },
  {
    name: 'VXLAN-GPE of Ethernet',
    linkType: 1,
    kind: KIND.vxlan,
    id: 4242,
    wear: (ip) => inUdp(4790, join(bytes(0x0c, 0, 0, 3), vni(4242), ethernet(ip))),
  },
  {
    name: 'Geneve of Ethernet',
    linkType: 1,
    kind: KIND.geneve,
    id: 4242,
    wear: (ip) => inUdp(6081, join(bytes(0, 0), TEB, vni(4242), ethernet(ip))),
  },
  {
    name: 'Geneve of IP with options',
    linkType: 1,
    kind: KIND.geneve,
    id: 4242,
    wear: (ip) =>
      inUdp(6081, join(bytes(2, 0x40), etherType(ip), vni(4242), bytes(1, 2, 3, 1), u32(5), ip)),
  },
  {
    name: 'GTP-U',
    linkType: 1,
    kind: KIND.gtpu,
    wear: (ip) => inUdp(2152, join(bytes(0x30, 255), u16(ip.length), u32(0xabcd), ip)),
  },
  {
    name: 'GTP-U with sequence and extension',
    linkType: 1,
    kind: KIND.gtpu,
    wear: (ip) =>
      inUdp(
        2152,
        join(
          bytes(0x36, 255),
          u16(ip.length + 8),
          u32(0xabcd),
          bytes(0, 1, 0, 0x85),
          bytes(1, 0x10, 9, 0),
          ip,
        ),
      ),
  },
  {
    name: 'GRE in UDP',
    linkType: 1,
    kind: KIND.gre,
    id: 6,
    wear: (ip) => inUdp(4754, join(u16(0x2000), etherType(ip), u32(6), ip)),
  },
  {
    name: 'MPLS in UDP',
    linkType: 1,
    kind: KIND.ipip,
    wear: (ip) => inUdp(6635, join(label(9, true), ip)),
  },
  { name: 'Teredo', linkType: 1, kind: KIND.ipip, only: 6, wear: (ip) => inUdp(3544, ip) },
  {
    name: 'Teredo with indications',
    linkType: 1,
    kind: KIND.ipip,
    only: 6,
    wear: (ip) =>
      inUdp(3544, join(bytes(0, 1, 0, 0), Buffer.alloc(9), bytes(0, 0), Buffer.alloc(6, 7), ip)),
  },
  {
    name: 'L2TP',
    linkType: 1,
    kind: KIND.ipip,
    wear: (ip) =>
      inUdp(
        1701,
        join(u16(0x4002), u16(ip.length + 12), u16(3), u16(4), bytes(0xff, 3), pppProtocol(ip), ip),
      ),
  },
  {
    name: 'L2TP with sequence and offset',
    linkType: 1,
    kind: KIND.ipip,
    wear: (ip) =>
      inUdp(
        1701,
        join(
          u16(0x0a02),
          u16(3),
          u16(4),
          u32(1),
          u16(2),
          u16(0),
          bytes(0xff, 3),
          pppProtocol(ip),
          ip,
        ),
      ),
  },
  { name: 'eight tunnels', linkType: 1, kind: KIND.ipip, wear: ipipTimes(8) },
  {
    name: 'GTP-U in VXLAN in ERSPAN: the number nearest to the packet that has one',
    linkType: 1,
    kind: KIND.vxlan,
    id: 4242,
    wear: (ip) => {
      const gtpu = join(bytes(0x30, 255), u16(ip.length), u32(1), ip);
      const vxlan = inUdp(4789, join(u32(0x08000000), vni(4242), inUdp(2152, gtpu)));
      return gre(0x1000, u16(0x88be), u32(1), bytes(0x10, 1, 0, 12), u32(0), vxlan);
    },
  },
];

export const WARDROBE: readonly Dress[] = [
  ...ETHERNET,
  ...POINT_TO_POINT,
  ...HOSTS,
  ...WIFI,
  ...GRE,
  ...IN_IP,
  ...IN_UDP,
];

export const fits = (dress: Dress, address: string): boolean =>
  dress.only === undefined || (dress.only === 6) === isV6(address);

export const dressed = {
  MACS,
  bytes,
  u16,
  u32,
  join,
  ethernet,
  behindType,
  tag,
  dot11,
  inIp,
  inUdp,
  OUTER,
  OUTER6,
};
