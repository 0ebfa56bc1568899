/** Good captures to damage: small enough to be cut at every byte, of every kind that has a reader of its own. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { captureFile } from './capture-file.ts';
import { labFile } from './lab.ts';
import { readCapture } from './read-capture.ts';

/** A lab capture, two interfaces of another as pcapng, and gzip of the first: paths in that order. */
export function goodFiles(folder: string): readonly string[] {
  const pcap = readFileSync(labFile('push', 'inside.pcap'));
  const points = readCapture(readFileSync(labFile('reject', 'gateway.pcapng'))).slice(0, 120);
  const files = {
    'good.pcap': pcap,
    'good.pcapng': captureFile(points, { format: 'pcapng', resolution: 'ns' }),
    'good.pcap.gz': gzipSync(pcap),
  };
  return Object.entries(files).map(([name, bytes]) => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  });
}
