/**
 * What an answer means for its delivery: pure. Standard Webhooks, "Deliverability and reliability": 2xx
 * alone is success, 410 ends the subscription, 429 and 503 may name a time.
 */
import type { Answer } from './post.ts';
import { GIVE_UP_AFTER_MS, retryAfterMs, TRIES, waitAfter } from './schedule.ts';

export interface Standing {
  /** Tries of this round that failed before. */
  readonly tries: number;
  readonly roundAtMs: number;
}

export type Decision =
  | { readonly kind: 'delivered' }
  /** `counts`: it used up a try. */
  | {
      readonly kind: 'again';
      readonly inMs: number;
      readonly counts: boolean;
      readonly problem: string;
    }
  | { readonly kind: 'given-up'; readonly problem: string; readonly disables: boolean };

/** Client errors that time may heal (RFC 9110 §15.5.9, RFC 8470, RFC 6585). */
const MAY_HEAL = new Set([408, 425, 429]);

const givenUp = (problem: string, disables = false): Decision => ({
  kind: 'given-up',
  problem,
  disables,
});

function again(problem: string, { tries }: Standing, random: number): Decision {
  const inMs = waitAfter(tries + 1, random);
  if (inMs === null) return givenUp(`${problem}; that was the last of ${TRIES} tries`);
  return { kind: 'again', inMs, counts: true, problem };
}

function asAsked(
  problem: string,
  retryAfter: string | null,
  standing: Standing,
  nowMs: number,
): Decision | null {
  const inMs = retryAfter === null ? null : retryAfterMs(retryAfter, nowMs);
  if (inMs === null) return null;
  if (nowMs + inMs - standing.roundAtMs > GIVE_UP_AFTER_MS) {
    return givenUp(`${problem}; it has asked for later for too long`);
  }
  return { kind: 'again', inMs, counts: false, problem };
}

function decideStatus(
  { status, retryAfter }: Extract<Answer, { kind: 'status' }>,
  standing: Standing,
  nowMs: number,
  random: number,
): Decision {
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  const problem = `the endpoint answered ${status}`;
  if (status === 410) return givenUp(`${problem} (gone): the webhook is disabled`, true);
  if (status === 429 || status === 503) {
    return asAsked(problem, retryAfter, standing, nowMs) ?? again(problem, standing, random);
  }
  if (status >= 300 && status < 400) {
    return again(`${problem}: redirects are not followed`, standing, random);
  }
  if (status >= 400 && status < 500 && !MAY_HEAL.has(status)) {
    return givenUp(`${problem}, which no retry heals`);
  }
  return again(problem, standing, random);
}

/** `random`: 0 to 1. */
export function decide(
  answer: Answer,
  standing: Standing,
  nowMs: number,
  random: number,
): Decision {
  if (answer.kind === 'status') return decideStatus(answer, standing, nowMs, random);
  if (answer.kind === 'refused') return givenUp(answer.why);
  return again(answer.why, standing, random);
}
