/** Link layers around one IP packet, each by its standard: Ethernet and its tags, point to point, hosts, 802.11. */
import {
  type Dress,
  bytes,
  u16,
  u32,
  join,
  isSix,
  etherType,
  pppProtocol,
  MACS,
  KNOWN_MACS,
  typed,
  ethernet,
  behindType,
  tag,
  llc,
  counted,
  label,
  pppoe,
  sll,
  tlv,
  le32,
  dot11,
  DATA,
  QOS,
  radiotap,
} from './native-decode-bytes.ts';

export const ETHERNET: readonly Dress[] = [
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

export const POINT_TO_POINT: readonly Dress[] = [
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

export const HOSTS: readonly Dress[] = [
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

export const WIFI: readonly Dress[] = [
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
