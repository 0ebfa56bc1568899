/** The second opinion on a frame: what tshark makes of it, in the decoder's words. */
import { execFile } from 'node:child_process';

const FIELDS = [
  'frame.number',
  'frame.protocols',
  'frame.len',
  'ip.src',
  'ipv6.src',
  'ip.dst',
  'ipv6.dst',
  'ip.ttl',
  'ipv6.hlim',
  'ip.id',
  'tcp.srcport',
  'tcp.dstport',
  'tcp.seq_raw',
  'tcp.ack_raw',
  'tcp.flags',
  'tcp.window_size_value',
  'tcp.len',
  'tcp.options.timestamp.tsval',
  'tcp.options.wscale.shift',
] as const;

export type TsharkRow = Readonly<Record<(typeof FIELDS)[number], string>>;

/** No reassembly (we do none). The last occurrence of a field is the innermost header's. */
const SETTINGS = [
  'tcp.relative_sequence_numbers:FALSE',
  'tcp.desegment_tcp_streams:FALSE',
  'ip.defragment:FALSE',
  'ipv6.defragment:FALSE',
];

const WORDS = [
  ...['-n', '-T', 'fields', '-E', 'occurrence=l', '-E', 'separator=/t'],
  ...SETTINGS.flatMap((setting) => ['-o', setting]),
  ...FIELDS.flatMap((field) => ['-e', field]),
];

function rowOf(line: string): TsharkRow {
  const cells = line.split('\t');
  return Object.fromEntries(FIELDS.map((field, i) => [field, cells[i] ?? ''])) as TsharkRow;
}

/** Null where tshark cannot read the file to its end. */
export function tsharkRows(path: string): Promise<readonly TsharkRow[] | null> {
  return new Promise((resolve) => {
    execFile('tshark', [...WORDS, '-r', path], { maxBuffer: 1 << 29 }, (error, stdout) =>
      resolve(error === null ? stdout.split('\n').slice(0, -1).map(rowOf) : null),
    );
  });
}
