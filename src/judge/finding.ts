/** What the judge says about a silence: the report's finding, but for what only a report knows (text, ids of others). */
import type { SilenceRecord } from '../base/record.ts';

export type Signature =
  | 'expiry-reset'
  | 'expiry-fin'
  | 'idle-close'
  | 'late-reset'
  | 'keepalive-reset'
  | 'blackhole'
  | 'remap'
  | 'orphan-reset'
  | 'leak';

export type Verdict = 'box-timeout' | 'possible-box-timeout' | 'endpoint-timer' | 'burst';

export type EmitterIs = 'middlebox' | 'endpoint' | 'unknown';

/** Three forms of RST (domain: stateless, socket, box-forged). */
export type ResetForm = 'stateless' | 'socket' | 'box' | 'unknown';

export type By = 'originator' | 'responder';

/** Why a reset was sent, for the report's count; `signature` causes first. */
export type ResetCause =
  | Signature
  | 'refused'
  | 'after-fin'
  | 'abort'
  | 'burst'
  | 'unknown-connection'
  | 'out-of-window'
  | 'duplicate'
  | 'no-silence'
  | 'not-examined';

export type SilenceOutcome = 'survived' | 'killed' | 'closed' | 'open' | 'unobserved';

export interface Evidence {
  readonly fact: string;
  readonly speaksFor: Verdict | 'endpoint' | 'not-a-timeout';
  /** 0 to 1: how much this fact alone moves the reader. */
  readonly weight: number;
}

export interface Emitter {
  readonly is: EmitterIs;
  readonly because: readonly string[];
}

export interface Ending {
  readonly kind: 'rst' | 'fin' | 'none';
  readonly by: By | null;
  readonly form: ResetForm | null;
  readonly atNs: bigint | null;
  readonly latencyNs: bigint | null;
  /** How long the application hung: trigger to the end, or to the last packet seen. */
  readonly hangNs: bigint;
}

export interface Trigger {
  readonly kind: 'data' | 'keepalive' | 'fin' | 'window-probe' | 'ack' | 'none';
  readonly by: By | null;
  readonly payloadBytes: number;
  readonly retransmissions: number;
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** A connection as one capture point sees it. */
export interface Tuple {
  readonly originator: Endpoint;
  readonly responder: Endpoint;
}

/** The judge's finding. Confidence ≥ 0.8 only with proof of the emitter or a significant path. */
export interface Finding {
  readonly id: string;
  readonly signature: Signature;
  readonly verdict: Verdict;
  readonly confidence: number;
  readonly trigger: Trigger;
  readonly ending: Ending;
  readonly emitter: Emitter;
  readonly evidence: readonly Evidence[];
  /** One sentence a person can act on. */
  readonly summary: string;
  readonly silenceNs: bigint;
  /** Of a silent drop: was the responder heard again, ever after the trigger? Null where nobody kept track. */
  readonly heardLater?: boolean | null;
  /** Was the responder heard afterwards on a connection older than the silence? Then it had not restarted. Null: unknown. */
  readonly outlived?: boolean | null;
  /** The responder spoke first, and nothing shows that the originator was still there: no box is blamed. */
  readonly unvouched?: true;
  readonly clock: 'packet' | 'payload';
  readonly record: SilenceRecord;
  /** The tuple on the other side of the box, or the one under which the connection came back (path/correlate). */
  readonly translated?: Tuple;
  /** Its connection went on under `translated`. */
  readonly cameBack?: 'remap' | 'leak';
  /** Proven by what another capture point shows, or does not: its proof is the first evidence. */
  readonly bothSides?: true;
  /** The other connection of the proxy that closed both. */
  readonly otherLeg?: Tuple;
  /** The same death seen at other capture points. */
  readonly sameAs?: readonly string[];
}

/** One record judged: what became of the silence, of its resets, and a finding where there is something to say. */
export interface Judgement {
  readonly record: SilenceRecord;
  readonly outcome: SilenceOutcome;
  /** Cause of each reset that travelled in this record: the ending's, then the pair's. */
  readonly resetCauses: readonly ResetCause[];
  readonly finding: Finding | null;
  /** The record as the tracker left it, open: its connection was found again under another tuple. */
  readonly openUntilFound?: SilenceRecord;
}

/** Kills that share an instant rather than a timeout. Its findings carry the verdict `burst`. */
export interface JudgedBurst {
  readonly atNs: bigint;
  readonly flows: number;
  /** One sentence: who restarted, or which box forgot everything at once. */
  readonly reading: string;
  readonly findingIds: readonly string[];
}

/** What a rule may ask besides the record. Everything in it comes from records and counts of the same analysis. */
export interface Scene {
  readonly shortestNs: bigint;
  /** Last packet of a capture point. */
  captureEndNs(capturePoint: number): bigint;
  /**
   * Did this responder answer on another connection between the two moments (whole seconds)? `olderThanNs`: only
   * connections that began before that moment count. Null when nobody kept track.
   */
  responderAnswered(
    record: SilenceRecord,
    fromNs: bigint,
    untilNs: bigint,
    olderThanNs?: bigint,
  ): boolean | null;
  /** How coarse those times are: an answer may have come as much later than the moment that it is told for. */
  readonly answerStepNs: bigint;
  /** Stateless resets without a silence from this responder in [from, until]. */
  statelessResets(record: SilenceRecord, fromNs: bigint, untilNs: bigint): number;
  /** Every record of the capture, those included that no rule is asked about: a sample of survivors, open ones, closes. */
  records(): Iterable<SilenceRecord>;
  /** Longest silence that survived on the record's path (same responder, port, capture point, TCP state), 0n when none. */
  longestSurvivedNs(record: SilenceRecord): bigint;
}
