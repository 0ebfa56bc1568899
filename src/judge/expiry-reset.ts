/**
 * Claim: a reset that nothing asked for, after a silence, made by somebody between the ends, is a box that announces
 * that its idle timer ran out. The silence then *is* the timeout.
 *
 * Why: an endpoint's own abort comes from a live socket, at the endpoint's TTL, with its next IP-ID and its
 * timestamps. Contradicted by any of these: then it is an `abort`, and at a constant time since the last payload an
 * application's or proxy's timer (idle-close.ts). Without proof of the emitter one sign is enough to mention it
 * (no timestamps where all packets have them), never to blame a box.
 *
 *   server > client data ttl 62 · 90 s nothing · server > client RST ACK ttl 64, no timestamps   → expiry-reset
 *   server > client data ttl 62 · 90 s nothing · server > client RST ACK ttl 62, next IP-ID      → abort
 */
import type { SilenceRecord } from '../base/record.ts';
import { decided, explained, GUESS_AT_MOST, atMost } from './compose.ts';
import { endedByReset, triggered } from './connection.ts';
import { locate } from './emitter.ts';
import type { Evidence, Judgement } from './finding.ts';
import { timestampsMissing } from './reset-form.ts';

export function expiryReset(record: SilenceRecord): Judgement | null {
  if (triggered(record) || !endedByReset(record)) return null;
  const located = locate(record);
  const emitter = located.is;
  const base = { signature: 'expiry-reset', located: locate, evidence: UNASKED, emitter } as const;
  if (emitter === 'middlebox') {
    return decided(record, { ...base, verdict: 'box-timeout', confidence: located.middlebox });
  }
  const suspicious =
    located.form !== 'socket' && (timestampsMissing(record) || stepSeen(located.middlebox));
  if (!suspicious) return explained(record, 'closed', 'abort');
  const confidence = atMost(GUESS_AT_MOST, 0.2 + located.middlebox / 2);
  return decided(record, { ...base, verdict: 'possible-box-timeout', confidence });
}

const UNASKED: readonly Evidence[] = [
  {
    fact: 'nothing was sent before the reset: it was due by a clock',
    speaksFor: 'box-timeout',
    weight: 0.3,
  },
];

/** A step in the TTL that has an innocent explanation too (ttl.ts): a hint, not proof. */
const stepSeen = (middlebox: number): boolean => middlebox >= 0.4;
