/** The lab's two captures of one box, read together, and its gateway.pcapng, which holds both sides in one file. */
import { readFileSync } from 'node:fs';
import type { Finding } from '../../src/judge/finding.ts';
import type { Analysis } from '../../src/report/analysis.ts';
import { analyseFiles } from './analyse.ts';
import type { Recorded } from './frame.ts';
import { labFile } from './lab.ts';
import { readCapture } from './read-capture.ts';

/** The recordings with T = 90 s are read with the command's default of 20 s. */
const shortestSeconds = (scenario: string): number => (scenario.endsWith('-90') ? 20 : 1);

export const gateway = (scenario: string): Promise<Analysis> =>
  analyseFiles([labFile(scenario, 'gateway.pcapng')], {
    shortestSeconds: shortestSeconds(scenario),
  });

export const sides = (scenario: string): readonly [string, string] => [
  labFile(scenario, 'inside.pcap'),
  labFile(scenario, 'outside.pcap'),
];

export const together = (scenario: string, workers = 0): Promise<Analysis> =>
  analyseFiles(sides(scenario), {
    shortestSeconds: shortestSeconds(scenario),
    workers,
    together: true,
  });

export const isTimer = ({ verdict }: Finding): boolean => verdict === 'endpoint-timer';

const SYN = 0x02;

/** The TCP header of an IPv4 packet over Ethernet. */
function tcpOf({ bytes }: Recorded): Buffer {
  const ip = Buffer.from(bytes).subarray(14);
  return ip.subarray(((ip[0] ?? 0) & 0x0f) * 4);
}

export const sourcePort = (record: Recorded): number => tcpOf(record).readUInt16BE(0);

/**
 * Truth of the scenario remap, from the packets themselves (IPv4 over Ethernet): which source port outside went on, without
 * a SYN, at which sequence number.
 */
export function newPorts(): ReadonlyMap<number, number> {
  const begun = new Set<number>();
  const found = new Map<number, number>();
  for (const record of readCapture(readFileSync(labFile('remap', 'outside.pcap')))) {
    const [tcp, port] = [tcpOf(record), sourcePort(record)];
    if (port === 27017 || begun.has(port)) continue;
    begun.add(port);
    if (((tcp[13] ?? 0) & SYN) === 0) found.set(tcp.readUInt32BE(4), port);
  }
  return found;
}
