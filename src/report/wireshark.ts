/**
 * The display filter that shows a finding in Wireshark: its connection, from the last packet before
 * the silence on.
 */
import type { SilenceRecord } from '../base/record.ts';
import type { Located } from './frames.ts';

export function wiresharkFilter(record: SilenceRecord, frames: Located): string {
  const field = record.ipVersion === 6 ? 'ipv6.addr' : 'ip.addr';
  const terms = [
    `${field} == ${record.originatorAddress}`,
    `${field} == ${record.responderAddress}`,
    `tcp.port == ${record.originatorPort}`,
    `tcp.port == ${record.responderPort}`,
  ];
  if (frames.lastBefore !== null) terms.push(`frame.number >= ${frames.lastBefore}`);
  if (frames.ending !== null) terms.push(`frame.number <= ${frames.ending}`);
  return terms.join(' && ');
}
