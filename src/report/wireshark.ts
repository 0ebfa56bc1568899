/**
 * The display filter that shows a finding in Wireshark: its connection, from the last packet before
 * the silence on.
 */
import type { Finding, Tuple } from '../judge/finding.ts';
import type { Located } from './frames.ts';

function connection({ originator, responder }: Tuple): string {
  const field = originator.address.includes(':') ? 'ipv6.addr' : 'ip.addr';
  return [
    `${field} == ${originator.address}`,
    `${field} == ${responder.address}`,
    `tcp.port == ${originator.port}`,
    `tcp.port == ${responder.port}`,
  ].join(' && ');
}

/** A connection that came back at this point has two tuples. */
function connections({ record, signature, translated }: Finding): string {
  const seen = connection({
    originator: { address: record.originatorAddress, port: record.originatorPort },
    responder: { address: record.responderAddress, port: record.responderPort },
  });
  const back = signature === 'remap' || signature === 'leak' ? translated : undefined;
  return back === undefined ? seen : `((${seen}) || (${connection(back)}))`;
}

export function wiresharkFilter(finding: Finding, frames: Located): string {
  const terms = [connections(finding)];
  if (frames.lastBefore !== null) terms.push(`frame.number >= ${frames.lastBefore}`);
  if (frames.ending !== null) terms.push(`frame.number <= ${frames.ending}`);
  return terms.join(' && ');
}
