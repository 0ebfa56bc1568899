/** Where the decoder and tshark differ on a frame, in words; empty where they agree. */
import type { TsharkRow } from './native-decode-tshark.ts';
import { BIT, type Decoded } from './native-decode-lines.ts';

const number = (text: string): number => (text === '' ? 0 : Number(text));

/** tshark keeps the text of both IP versions; the innermost header is of the version that the packet has. */
function theirAddresses(row: TsharkRow, six: boolean): readonly (string | number)[] {
  return six
    ? [row['ipv6.src'], row['ipv6.dst'], number(row['ipv6.hlim'])]
    : [row['ip.src'], row['ip.dst'], number(row['ip.ttl'])];
}

function segmentDifferences(ours: Decoded, row: TsharkRow): string[] {
  const six = ours.source.includes(':');
  const pairs: readonly (readonly [string, string | number, string | number])[] = [
    [
      'ports',
      `${ours.sourcePort} ${ours.destinationPort}`,
      `${row['tcp.srcport']} ${row['tcp.dstport']}`,
    ],
    ['seq', ours.seq, number(row['tcp.seq_raw'])],
    ['ack', ours.ack, number(row['tcp.ack_raw'])],
    ['flags', ours.flags, number(row['tcp.flags']) & 0xff],
    ['window', ours.window, number(row['tcp.window_size_value'])],
    [
      'addresses',
      [ours.source, ours.destination, ours.ttl].join(),
      theirAddresses(row, six).join(),
    ],
    ['ip id', ours.ipId, six ? 0 : number(row['ip.id'])],
    // tshark gives no length for a first fragment.
    ...(ours.bits & BIT.lengthUnknown
      ? []
      : [['length', ours.payload, number(row['tcp.len'])] as const]),
    // Where the option list is broken or cut, the decoder says that it does not know.
    ...(ours.tsval === 'unknown'
      ? []
      : [['tsval', ours.tsval, row['tcp.options.timestamp.tsval'] || 'none'] as const]),
    ...(ours.tsval === 'unknown' || row['tcp.options.wscale.shift'] === ''
      ? []
      : [
          [
            'scale',
            ours.windowScale,
            Math.min(14, number(row['tcp.options.wscale.shift'])),
          ] as const,
        ]),
  ];
  return pairs.flatMap(([what, a, b]) => (a === b ? [] : [`${what}: ours ${a}, tshark ${b}`]));
}

/** tshark shows a sequence number of a quote only where more than eight bytes of TCP are quoted. */
function quoteDifferences(ours: Decoded, row: TsharkRow): string[] {
  const ports = `${ours.sourcePort} ${ours.destinationPort}`;
  const theirs = `${row['tcp.srcport']} ${row['tcp.dstport']}`;
  const seq = row['tcp.seq_raw'];
  return [
    ...(ports === theirs ? [] : [`quoted ports: ours ${ports}, tshark ${theirs}`]),
    ...(seq === '' || Number(seq) === ours.seq
      ? []
      : [`quoted seq: ours ${ours.seq}, tshark ${seq}`]),
  ];
}

export function differences(ours: Decoded, row: TsharkRow): readonly string[] {
  const theirsIsTcp = row['tcp.srcport'] !== '';
  if (ours.fate === 'tcp' && theirsIsTcp) return segmentDifferences(ours, row);
  if (ours.fate === 'icmp-quote' && theirsIsTcp) return quoteDifferences(ours, row);
  const oursIsTcp = ours.fate === 'tcp' || ours.fate === 'icmp-quote';
  if (oursIsTcp === theirsIsTcp) return [];
  return [`fate: ours ${ours.fate}, tshark ${row['frame.protocols']}`];
}
