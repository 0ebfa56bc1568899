/**
 * Claim: connections that one side has closed and the other still uses die on a box's way too, after a time of their
 * own: boxes keep a half-closed row shorter (Linux nf_conntrack: fin_wait 120 s, close_wait 60 s).
 *
 * Why it takes several: behind a FIN most resets are nobody's timeout. A closed socket answers late data with a reset
 * (RFC 9293 §3.10.7.1; Linux gives an orphan up after tcp_fin_timeout, 60 s), and home routers clean up closing
 * connections. So a reset counts only where the locators say mid-path and somebody had spoken first; and only where
 * at least three such resets come from one responder's connections, each after a silence longer than one that survived in
 * the same state. One alone stays `after-fin`. A box is blamed once the path's threshold is significant (path/settle).
 * Contradicted by a FIN or a bare acknowledgement as the trigger: it was ending anyway.
 *
 *   3 × [ client > server FIN, ACK · 200 s · server > client data · RST at another TTL ], 30 s survived   → late-reset, possible
 *   1 × the same                                                                                         → after-fin
 */
import type { SilenceRecord } from '../base/record.ts';
import { OUTCOME, SILENCE_KIND, TRIGGER } from '../base/silence.ts';
import { blackhole } from './blackhole.ts';
import { atMost, decided, GUESS_AT_MOST } from './compose.ts';
import { halfClosed, resetAnswersTrigger, roundTripNs, silenceNs } from './connection.ts';
import { locate } from './emitter.ts';
import type { Evidence, Judgement, Scene } from './finding.ts';
import { signatureOf } from './late-reset.ts';
import { durationText } from './words.ts';

const ALIKE = 3;
const ROUND_TRIPS = 10n;

/** The judgements, those of half-closed connections that a box may have cut replaced by findings. */
export function halfClosedKills(
  judgements: readonly Judgement[],
  scene: Scene,
): readonly Judgement[] {
  const cut = new Map<Judgement, Judgement>();
  const byPath = new Map<string, Judgement[]>();
  for (const judgement of judgements) {
    const maybe = cutMaybe(judgement, scene);
    if (maybe === null) continue;
    cut.set(judgement, maybe);
    const known = byPath.get(pathOf(judgement.record));
    if (known === undefined) byPath.set(pathOf(judgement.record), [judgement]);
    else known.push(judgement);
  }
  if (cut.size === 0) return judgements;
  const several = [...byPath.values()].filter((all) => all.length >= ALIKE);
  const alike = new Set(several.flat());
  return judgements.map((one) => (alike.has(one) ? (cut.get(one) ?? one) : one));
}

const pathOf = (record: SilenceRecord): string =>
  [
    record.capturePoint,
    record.tunnelKind,
    record.tunnelId,
    record.responderAddress,
    record.responderPort,
    record.triggerBy,
  ].join(' ');

/** What a box would have done to it, possibly; null where nothing says so. */
function cutMaybe({ record, finding }: Judgement, scene: Scene): Judgement | null {
  if (finding !== null || record.kind !== SILENCE_KIND.packet) return null;
  if (record.outcome !== OUTCOME.killed || !halfClosed(record) || !inUse(record)) return null;
  const silence = silenceNs(record);
  const survived = scene.longestSurvivedNs(record);
  if (survived === 0n || survived >= silence) return null;
  if (silence < scene.shortestNs || silence < ROUND_TRIPS * roundTripNs(record)) return null;
  return resetAnswersTrigger(record) ? resetMidPath(record, scene) : dropped(record, scene);
}

const inUse = ({ triggerKind }: SilenceRecord): boolean =>
  triggerKind === TRIGGER.data || triggerKind === TRIGGER.keepalive;

const CLOSED_BEFORE: Evidence = {
  fact: 'one side had closed before: boxes keep such connections for a shorter time',
  speaksFor: 'box-timeout',
  weight: 0.1,
};

function resetMidPath(record: SilenceRecord, scene: Scene): Judgement | null {
  const located = locate(record);
  if (located.is !== 'middlebox') return null;
  const survived = durationText(scene.longestSurvivedNs(record));
  const fact = `half-closed on this path, a silence of ${survived} ended well`;
  return decided(record, {
    signature: signatureOf(record),
    verdict: 'possible-box-timeout',
    confidence: atMost(GUESS_AT_MOST, located.middlebox),
    located: locate,
    emitter: located.is,
    evidence: [CLOSED_BEFORE, { fact, speaksFor: 'box-timeout', weight: 0.1 }],
  });
}

/** Never answered, though the responder answered others: a closed socket would have sent a reset. */
function dropped(record: SilenceRecord, scene: Scene): Judgement | null {
  const alone = blackhole(record, scene);
  const finding = alone?.finding ?? null;
  if (finding === null || finding.verdict !== 'box-timeout') return null;
  const { emitter, evidence, heardLater, outlived } = finding;
  return decided(record, {
    signature: 'blackhole',
    verdict: 'possible-box-timeout',
    confidence: GUESS_AT_MOST,
    located: { is: emitter.is, because: emitter.because, evidence, middlebox: 0, form: null },
    evidence: [CLOSED_BEFORE],
    ...(heardLater === undefined ? {} : { heardLater }),
    ...(outlived === undefined ? {} : { outlived }),
  });
}
