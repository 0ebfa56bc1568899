/** The closed vocabularies of a report, in the order in which they are listed. */
import type { ResetCause, Signature, SilenceOutcome, Verdict } from '../judge/finding.ts';

export const SIGNATURES = [
  'expiry-reset',
  'expiry-fin',
  'idle-close',
  'late-reset',
  'keepalive-reset',
  'blackhole',
  'remap',
  'orphan-reset',
  'leak',
] as const satisfies readonly Signature[];

export const RESET_CAUSES = [
  ...SIGNATURES,
  'refused',
  'after-fin',
  'abort',
  'burst',
  'unknown-connection',
  'out-of-window',
  'duplicate',
  'no-silence',
  'not-examined',
] as const satisfies readonly ResetCause[];

/** Most telling first: also the order in which findings are kept when a list has to be cut. */
export const VERDICTS = [
  'box-timeout',
  'possible-box-timeout',
  'burst',
  'endpoint-timer',
] as const satisfies readonly Verdict[];

export const OUTCOMES = [
  'survived',
  'killed',
  'closed',
  'open',
  'unobserved',
] as const satisfies readonly SilenceOutcome[];

type Unlisted<Words, List extends readonly unknown[]> = Exclude<Words, List[number]>;

/** Do not compile when the judge learns a word that a report cannot say. */
const _causes: [Unlisted<ResetCause, typeof RESET_CAUSES>] extends [never] ? true : never = true;
const _verdicts: [Unlisted<Verdict, typeof VERDICTS>] extends [never] ? true : never = true;

/** What they mean depends on the shortest silence that was looked at (text/causes.ts). */
export type CauseByShortest = 'abort' | 'no-silence';

/** What a reset of this cause was, for somebody who has never read a capture. */
export const CAUSE_MEANS: Readonly<Record<Exclude<ResetCause, CauseByShortest>, string>> = {
  'expiry-reset': 'sent into a silence that nobody had broken: a timer ran out',
  'expiry-fin': 'sent beside a FIN that came from the middle of the path when a timer ran out',
  'idle-close': 'an application or proxy closing what it had no use for any more',
  'late-reset': 'the answer to the first packet after a silence: the connection had been forgotten',
  'keepalive-reset':
    'the answer to a keepalive probe after a silence: the connection had been forgotten',
  blackhole: 'an endpoint giving up after nobody answered it any more',
  remap: 'the answer to a connection that came back under another port after a silence',
  'orphan-reset': 'the gateway telling the far side that it no longer knows the connection',
  leak: 'the answer to packets that left with their private address after a silence',
  refused: 'the connection was never accepted: closed port, refused, or a health check',
  'after-fin': 'after one side had already said goodbye: ordinary closing',
  burst: 'many connections reset at one moment: a restart or fail-over, no timeout',
  'unknown-connection': 'for a connection of which the capture shows too little to judge',
  'out-of-window': 'could not close anything: its number lies outside of what its receiver accepts',
  duplicate:
    'the same reset once more: retransmitted, mirrored, or a second one for a dead connection',
  'not-examined': 'counted, but too many to look at one by one',
};

export const OUTCOME_MEANS: Readonly<Record<SilenceOutcome, string>> = {
  survived: 'answered, and the connection went on',
  killed: 'the connection was dead afterwards',
  closed: 'ended by an ordinary close',
  open: 'still undecided when the capture ended',
  unobserved: 'nothing can be said: the capture was blind, or there were too many to look at',
};

export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  'box-timeout': 'box timeout',
  'possible-box-timeout': 'possibly a box',
  burst: 'restart, no timeout',
  'endpoint-timer': "endpoint's timer",
};
