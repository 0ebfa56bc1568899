/**
 * Two clocks, never mixed.
 *
 * A silence is measured on the capture clock: the time written beside a packet by whoever captured it, so
 * yesterday's file and today's wire give the same answer. The wall clock is for logs and retries only.
 */
export type CaptureNs = bigint & { readonly clock: 'capture' };

export const NS_PER_SECOND = 1_000_000_000n;

/** Nanoseconds → seconds as a number, exact to the nanosecond below 104 days (2^53 ns). */
export const seconds = (ns: bigint): number => Number(ns) / 1e9;

const DURATION_UNITS: Readonly<Record<string, bigint>> = {
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  min: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
};

/** "20s", "1.5m", "250ms", "2h", or bare seconds → nanoseconds; null when it is none of these. */
export function parseDuration(text: string): bigint | null {
  const match = /^(\d{1,9}(?:\.\d{1,9})?)(ms|s|min|m|h|d)?$/.exec(text.trim());
  if (match === null) return null;
  const unit = DURATION_UNITS[match[2] ?? 's'];
  if (unit === undefined) return null;
  const [whole = '0', fraction = ''] = (match[1] ?? '').split('.');
  const scaled = BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
  return (scaled * unit) / 1_000_000_000n;
}

const SIZE_UNITS: Readonly<Record<string, number>> = {
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** "64MiB", "1.5GB", or bare bytes → bytes; null when it is none of these. */
export function parseSize(text: string): number | null {
  const match = /^(\d{1,12}(?:\.\d{1,3})?)([kMG]B|[KMG]iB)?$/.exec(text.trim());
  if (match === null) return null;
  return Math.floor(Number(match[1]) * (SIZE_UNITS[match[2] ?? ''] ?? 1));
}

const digits = (value: number, count: number): string => String(value).padStart(count, '0');

/**
 * Capture clock → RFC 3339 with nine digits, in UTC. Years beyond 9999 saturate there. Not by way of toISOString, for which V8
 * looks up the time zone of the machine.
 */
export function rfc3339(ns: bigint): string {
  const last = 253_402_300_799n * NS_PER_SECOND + 999_999_999n;
  const shown = ns > last ? last : ns;
  const at = new Date(Number(shown / 1_000_000n));
  const month = digits(at.getUTCMonth() + 1, 2);
  const day = `${digits(at.getUTCFullYear(), 4)}-${month}-${digits(at.getUTCDate(), 2)}`;
  const [hours, minutes] = [digits(at.getUTCHours(), 2), digits(at.getUTCMinutes(), 2)];
  const [whole, rest] = [digits(at.getUTCSeconds(), 2), digits(Number(shown % NS_PER_SECOND), 9)];
  return `${day}T${hours}:${minutes}:${whole}.${rest}Z`;
}

/** Bytes from `from` forward to `to`; negative when `to` lies behind (RFC 9293 §3.4: a circle of 2^32). */
export const seqDistance = (from: number, to: number): number => (to - from) | 0;
