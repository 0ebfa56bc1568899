/** What stands beside the packets of a ladder. */
import type { LadderRow } from '../../src/report/ladder/schema.ts';
import type { FindingReport } from '../../src/report/schema.ts';
import { number } from '../../src/report/text/quantity.ts';
import { duration } from '../base/wording.ts';
import { utc } from '../base/instant.tsx';

/** Nanoseconds of an RFC 3339 text after the whole second, which Date does not keep. */
function ns(at: string): bigint {
  const [whole = '', rest = ''] = at.replace('Z', '').split('.');
  return BigInt(Date.parse(`${whole}Z`)) * 1_000_000n + BigInt(rest.padEnd(9, '0').slice(0, 9));
}

/** Seconds from `from` to `to`, exact to a microsecond. */
export const between = (from: string, to: string): number => Number(ns(to) - ns(from)) / 1e9;

/** "−93.5 s", "+67 µs": from the moment at which the silence ended. */
export function offsetWords(seconds: number): string {
  if (Math.abs(seconds) < 5e-7) return '0';
  return `${seconds < 0 ? '−' : '+'}${duration(Math.abs(seconds))}`;
}

/** From the row above: "↓ 0.8 ms". Clocks of two captures may disagree, so it may point up. */
const stepWords = (seconds: number): string =>
  Math.abs(seconds) < 5e-7 ? '↓ 0' : `${seconds < 0 ? '↑' : '↓'} ${duration(Math.abs(seconds))}`;

/** What stands beside each row: no two rows in turn say the same, the second counts from the one above it. */
export function timesOf(rows: readonly LadderRow[], endedAt: string): readonly string[] {
  const offsets = rows.map(({ at }) => between(endedAt, at));
  const words = offsets.map(offsetWords);
  return words.map((word, i) =>
    i > 0 && word === words[i - 1] ? stepWords((offsets[i] ?? 0) - (offsets[i - 1] ?? 0)) : word,
  );
}

/** "−9.938412 s", to the microsecond. */
export const exactOffset = (seconds: number): string =>
  `${seconds < 0 ? '−' : '+'}${Math.abs(seconds).toFixed(6)} s`;

/** `short`: the latency stands beside the row anyway. */
export function rowLabel(row: LadderRow, finding: FindingReport, short = false): string {
  const bytes = row.payloadBytes > 0 ? ` · ${number(row.payloadBytes)} B` : '';
  if (row.role === 'trigger' && finding.trigger.kind === 'keepalive')
    return `keepalive probe${bytes}`;
  if (row.role === 'retransmission') return `again: ${row.flags}${bytes}`;
  if (row.role !== 'ending') return `${row.flags}${bytes}`;
  const latency = finding.ending.latencySeconds;
  const after = short || latency === null || latency === 0 ? '' : ` · after ${duration(latency)}`;
  return `${row.flags} · TTL ${row.ttl}${after}`;
}

export interface Field {
  readonly name: string;
  readonly value: string;
}

export function fieldsOf(
  row: LadderRow,
  sources: readonly string[],
  endedAt: string,
): readonly Field[] {
  const source =
    sources.length === 0
      ? ' of the kept packets'
      : sources.length > 1
        ? ` of ${sources[row.source] ?? `source ${row.source}`}`
        : '';
  return [
    { name: 'Time', value: utc(row.at) },
    { name: 'From the silence’s end', value: exactOffset(between(endedAt, row.at)) },
    { name: 'Frame', value: `${row.number}${source}` },
    { name: 'Flags', value: row.flags },
    { name: 'Sequence', value: row.seq === null ? 'none' : `${number(row.seq)} (relative)` },
    { name: 'Acknowledges', value: row.ack === null ? 'nothing' : `${number(row.ack)} (relative)` },
    { name: 'Payload', value: `${number(row.payloadBytes)} bytes` },
    { name: 'TTL', value: String(row.ttl) },
    { name: 'Window', value: row.window === null ? 'none' : number(row.window) },
  ];
}
