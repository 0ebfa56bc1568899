/** Tunnels around one IP packet, each by its standard: GRE and its dialects, IP in IP, and those at a UDP port. */
import { PROTOCOL } from './kit/wire.ts';
import {
  type Dress,
  KIND,
  bytes,
  u16,
  u32,
  join,
  isSix,
  etherType,
  pppProtocol,
  MACS,
  typed,
  ethernet,
  tag,
  label,
  OUTER6,
  inIp,
  inUdp,
  gre,
  versionOf,
  TEB,
  vni,
  ipipTimes,
} from './native-decode-bytes.ts';

export const GRE: readonly Dress[] = [
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

export const IN_IP: readonly Dress[] = [
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

export const IN_UDP: readonly Dress[] = [
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
