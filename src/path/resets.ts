/** Stateless resets that no silence preceded, by responder and second: what tells a restart from an idle timeout. */
import { RESET_SECOND } from '../base/silence.ts';
import { firstWhere, gather, rowsOf } from './rows.ts';
import { type Responder, responderKey, responderReader } from './responder.ts';

const NS_PER_SECOND = 1_000_000_000n;

interface Second {
  readonly second: number;
  readonly count: number;
  /** Resets in all seconds before this one. */
  before: number;
}

export interface ResetSeconds {
  /** Resets in the whole seconds from `fromNs` to `untilNs`, both included. */
  count(responder: Responder, fromNs: bigint, untilNs: bigint): number;
}

function sumUp(seconds: Second[]): void {
  let before = 0;
  for (const one of seconds.sort((a, b) => a.second - b.second)) {
    one.before = before;
    before += one.count;
  }
}

/** Resets before a second. */
function countBefore(seconds: readonly Second[], second: number): number {
  const at = firstWhere(seconds, (one) => one.second >= second);
  if (at < seconds.length) return seconds[at]?.before ?? 0;
  const last = seconds.at(-1);
  return last === undefined ? 0 : last.before + last.count;
}

const secondOf = (ns: bigint): number => Number(ns / NS_PER_SECOND);

export function readResetSeconds(packed: Uint8Array): ResetSeconds {
  const byResponder = new Map<string, Second[]>();
  const responderIn = responderReader(RESET_SECOND);
  for (const row of rowsOf(packed, RESET_SECOND)) {
    const second = Number(row.getBigUint64(RESET_SECOND.second[0], true));
    const count = row.getUint32(RESET_SECOND.count[0], true);
    gather(byResponder, responderKey(responderIn(row, 0)), {
      second,
      count,
      before: 0,
    });
  }
  for (const seconds of byResponder.values()) sumUp(seconds);
  return {
    count(responder, fromNs, untilNs) {
      const seconds = byResponder.get(responderKey(responder)) ?? [];
      return countBefore(seconds, secondOf(untilNs) + 1) - countBefore(seconds, secondOf(fromNs));
    },
  };
}
