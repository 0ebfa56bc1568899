/** Link layers by their LINKTYPE_ number (tcpdump.org/linktypes.html). */
import { ETHER_TYPE, type Frame, type Recorded } from './frame.ts';

export const LINK = {
  null: 0,
  ethernet: 1,
  ppp: 9,
  raw: 101,
  loop: 108,
  sll: 113,
  ipv4: 228,
  ipv6: 229,
  sll2: 276,
} as const;

export type LinkName = keyof typeof LINK;

const u16 = (value: number): number[] => [value >> 8, value & 255];

/** IEEE 802.1Q: each tag is a type before it and 16 bits after. */
function tagged(frame: Frame): Buffer {
  const tags = frame.vlans.flatMap((vlan, i) => [
    ...u16(i < frame.vlans.length - 1 ? ETHER_TYPE.qinq : ETHER_TYPE.vlan),
    ...u16(vlan),
  ]);
  return Buffer.from([...tags, ...u16(frame.etherType)]);
}

const MAC = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];

/** RFC 1661 §2 with address and control bytes; the protocol numbers of IPCP and IPV6CP. */
const pppProtocol = (frame: Frame): number[] =>
  u16(frame.etherType === ETHER_TYPE.ipv6 ? 0x57 : 0x21);

/** AF_INET is 2 everywhere, AF_INET6 is 30 on macOS (10 on Linux, 24 and 28 on the BSDs). */
const family = (frame: Frame): number => (frame.etherType === ETHER_TYPE.ipv6 ? 30 : 2);

const HEADERS: Readonly<Record<LinkName, (frame: Frame) => Buffer>> = {
  null: (frame) => Buffer.from([family(frame), 0, 0, 0]),
  loop: (frame) => Buffer.from([0, 0, 0, family(frame)]),
  ethernet: (frame) => Buffer.concat([Buffer.from(MAC), tagged(frame)]),
  ppp: (frame) => Buffer.from([0xff, 0x03, ...pppProtocol(frame)]),
  raw: () => Buffer.alloc(0),
  ipv4: () => Buffer.alloc(0),
  ipv6: () => Buffer.alloc(0),
  sll: (frame) =>
    Buffer.concat([Buffer.from([0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0]), tagged(frame)]),
  sll2: (frame) =>
    Buffer.from([...u16(frame.etherType), 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0]),
};

const CARRIES_ONLY_IP: readonly LinkName[] = ['null', 'loop', 'ppp', 'raw', 'ipv4', 'ipv6'];

export const canCarry = (link: LinkName, frame: Frame): boolean => {
  if (link === 'ipv4') return frame.etherType === ETHER_TYPE.ipv4;
  if (link === 'ipv6') return frame.etherType === ETHER_TYPE.ipv6;
  const isIp = frame.etherType === ETHER_TYPE.ipv4 || frame.etherType === ETHER_TYPE.ipv6;
  return isIp || !CARRIES_ONLY_IP.includes(link);
};

export function recorded(frame: Frame, link: LinkName, snaplen = 262144): Recorded {
  const header = HEADERS[link](frame);
  const bytes = Buffer.concat([header, frame.body]).subarray(0, snaplen);
  const onWire = header.length + frame.bodyOnWire;
  return { atNs: frame.atNs, point: frame.point, linkType: LINK[link], bytes, onWire };
}
