/** Ending, frame, tuple: the same order whatever shard a record came from. */
import type { SilenceRecord } from '../base/record.ts';

export function byEnding(a: SilenceRecord, b: SilenceRecord): number {
  return (
    compare(lastMoment(a), lastMoment(b)) ||
    compare(a.frameEnding, b.frameEnding) ||
    compare(a.frameTrigger, b.frameTrigger) ||
    compare(a.frameLastBefore, b.frameLastBefore) ||
    compare(tuple(a), tuple(b)) ||
    compare(a.kind, b.kind)
  );
}

export const lastMoment = (record: SilenceRecord): bigint =>
  record.endingAtNs !== 0n ? record.endingAtNs : record.endedAtNs;

const tuple = (record: SilenceRecord): string =>
  [
    record.capturePoint,
    record.originatorAddress,
    record.originatorPort,
    record.responderAddress,
    record.responderPort,
  ].join(' ');

function compare<T extends bigint | number | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
