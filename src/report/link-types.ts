/**
 * Names of link types as libpcap prints them (tcpdump.org/linktypes.html), for those that the
 * decoder knows.
 */
const NAMES: Readonly<Record<number, string>> = {
  0: 'NULL',
  1: 'EN10MB',
  9: 'PPP',
  12: 'RAW',
  14: 'RAW',
  50: 'PPP_SERIAL',
  51: 'PPP_ETHER',
  101: 'RAW',
  105: 'IEEE802_11',
  108: 'LOOP',
  113: 'LINUX_SLL',
  119: 'PRISM_HEADER',
  127: 'IEEE802_11_RADIO',
  192: 'PPI',
  228: 'IPV4',
  229: 'IPV6',
  276: 'LINUX_SLL2',
};

export const linkTypeName = (number: number): string => NAMES[number] ?? `LINKTYPE_${number}`;
