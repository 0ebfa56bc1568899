/**
 * Numbers and names as people say them: the only place where a rule's evidence becomes text.
 *
 * Addresses come from packets, but only as numbers already rendered by base/record.ts; nothing a peer typed.
 */
import type { SideIndex, SilenceRecord } from '../base/record.ts';
import { seconds } from '../base/units.ts';
import { originatorKnown } from './connection.ts';

/** 67 µs · 3.2 ms · 9.56 s · 350 s: three digits carry what a reader compares, more would pretend. */
export function durationText(ns: bigint): string {
  const s = seconds(ns);
  if (s < 0.001) return `${Math.round(s * 1e6)} µs`;
  if (s < 1) return `${trimmed(s * 1000)} ms`;
  return `${trimmed(s)} s`;
}

function trimmed(value: number): string {
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  return String(Number(value.toFixed(digits)));
}

export const roleText = (record: SilenceRecord, side: SideIndex): string =>
  originatorKnown(record) ? (side === 0 ? 'originator' : 'responder') : endpointText(record, side);

/** IPv6 in brackets before a port (RFC 5952 §6). */
export function endpointText(record: SilenceRecord, side: SideIndex): string {
  const address = side === 0 ? record.originatorAddress : record.responderAddress;
  const port = side === 0 ? record.originatorPort : record.responderPort;
  return record.ipVersion === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}
