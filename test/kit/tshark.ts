/** The second opinion: what tshark counts in a capture. */
import { execFile } from 'node:child_process';

export interface Counted {
  readonly packets: number;
  readonly tcpPackets: number;
  readonly resets: number;
  readonly connections: number;
}

const FIELDS = ['frame.protocols', 'tcp.stream', 'tcp.flags.reset'];

/** No reassembly (we do none), no guessing above TCP that could take a frame for something else. */
const SETTINGS = [
  'ip.defragment:FALSE',
  'ipv6.defragment:FALSE',
  'tcp.desegment_tcp_streams:FALSE',
];

function run(args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile('tshark', [...args], { maxBuffer: 1 << 28 }, (error, stdout) =>
      resolve(error === null ? stdout : null),
    );
  });
}

/** A quoted header in an ICMP error is not a TCP packet; the innermost TCP header of a tunnel is the one. */
function count(rows: readonly string[]): Counted {
  const streams = new Set<string>();
  let tcpPackets = 0;
  let resets = 0;
  for (const row of rows) {
    const [protocols = '', stream = '', reset = ''] = row.split('\t');
    if (stream === '' || /icmp/.test(protocols)) continue;
    tcpPackets++;
    if (reset === '1' || reset === 'True') resets++;
    streams.add(stream);
  }
  return { packets: rows.length, tcpPackets, resets, connections: streams.size };
}

/** Null where tshark cannot read the file to its end. */
export async function tsharkCounts(path: string): Promise<Counted | null> {
  const fields = FIELDS.flatMap((field) => ['-e', field]);
  const settings = SETTINGS.flatMap((setting) => ['-o', setting]);
  const wanted = ['-T', 'fields', '-E', 'occurrence=l', ...fields];
  const out = await run(['-n', '-r', path, ...settings, ...wanted]);
  return out === null ? null : count(out.split('\n').slice(0, -1));
}
