/**
 * When a delivery that failed is tried again, and when it is given up: pure, with the clock and the
 * dice given.
 *
 * Ten tries over about three days, as the Standard Webhooks specification proposes ("Retry schedule").
 * An endpoint that names a time itself (429 and 503 with Retry-After, RFC 9110 §10.2.3) is asked
 * then, and that costs no try.
 */
const SECOND = 1000;
const HOUR = 3_600 * SECOND;

/** Wait after the 1st, 2nd, … 9th try. */
export const WAITS_MS: readonly number[] = [
  5 * SECOND,
  300 * SECOND,
  1_800 * SECOND,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];
export const TRIES = WAITS_MS.length + 1;

/** Chosen: a tenth either way, so that a thousand deliveries do not come back in one second. */
const JITTER = 0.1;
/** Chosen: whoever says Retry-After may not postpone for ever. */
const LONGEST_WAIT_MS = 24 * HOUR;
export const GIVE_UP_AFTER_MS = 96 * HOUR;

/** `tries`: how many failed, at least 1; null: that was the last. `random`: 0 to 1. */
export function waitAfter(tries: number, random: number): number | null {
  const wait = WAITS_MS[tries - 1];
  return wait === undefined ? null : Math.round(wait * (1 - JITTER + 2 * JITTER * random));
}

/** Seconds, or an HTTP date → milliseconds from now; null when it is neither. */
export function retryAfterMs(value: string, nowMs: number): number | null {
  const text = value.trim();
  const wait = /^\d{1,9}$/.test(text) ? Number(text) * SECOND : Date.parse(text) - nowMs;
  return Number.isNaN(wait) ? null : Math.min(Math.max(wait, SECOND), LONGEST_WAIT_MS);
}
