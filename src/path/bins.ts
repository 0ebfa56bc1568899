/**
 * Survived silences are counted in logarithmic bins, so that millions of them cost a few kilobytes and a length is
 * still known to 1 %. The native side bins by the same law: bin b holds 1.01^b to 1.01^(b+1) milliseconds.
 */
const NS_PER_MS = 1e6;
const STEP = 1.01;
const LAST_BIN = 4095;

/** Bin of a length; below 1 ms all fall into the first. */
export function binOf(ns: bigint): number {
  const milliseconds = Number(ns) / NS_PER_MS;
  if (milliseconds < 1) return 0;
  return Math.min(LAST_BIN, Math.floor(Math.log(milliseconds) / Math.log(STEP)));
}

export interface BinRange {
  /** nanoseconds, inclusive up to rounding */
  readonly lowNs: number;
  /** nanoseconds, exclusive up to rounding */
  readonly highNs: number;
}

export const binRange = (bin: number): BinRange => ({
  lowNs: STEP ** bin * NS_PER_MS,
  highNs: STEP ** (bin + 1) * NS_PER_MS,
});
