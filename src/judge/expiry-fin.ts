/**
 * Claim: a FIN after silence that was made between the ends is a box that closes at expiry (AWS NAT instances do).
 *
 * Why: every FIN of an endpoint comes from a live socket and looks like its other packets. Contradicted by the
 * endpoint's TTL: a proxy that terminates the connection *is* the endpoint of this leg, so its FIN never counts as
 * mid-path (HAProxy's has the endpoint's TTL, IP-ID and timestamps) — that is idle-close.ts.
 *
 *   server > client data ttl 62 · 350 s nothing · server > client FIN ACK ttl 64, no timestamps   → expiry-fin
 */
import type { SilenceRecord } from '../base/record.ts';
import { ENDING } from '../base/silence.ts';
import { decided } from './compose.ts';
import { triggered } from './connection.ts';
import { locate } from './emitter.ts';
import type { Judgement } from './finding.ts';

export function expiryFin(record: SilenceRecord): Judgement | null {
  if (triggered(record) || record.endingKind !== ENDING.fin) return null;
  // At the sender's own distance nothing else can prove a box; nearly every close ends here.
  if (record.endingTtl === record.sides[record.endingBy].ttlData) return null;
  const located = locate(record);
  if (located.is !== 'middlebox') return null;
  return decided(record, {
    signature: 'expiry-fin',
    verdict: 'box-timeout',
    confidence: located.middlebox * 0.95,
    located: locate,
    emitter: located.is,
    evidence: [
      {
        fact: 'nobody had spoken before the FIN: it was due by a clock',
        speaksFor: 'box-timeout',
        weight: 0.3,
      },
    ],
  });
}
