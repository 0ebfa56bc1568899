/**
 * When a program can have noticed a death, and with which error: what a log line is matched with.
 *
 * A reset is noticed at once by a program that has just spoken or is listening, else at its next use
 * of the connection: that may be much later, so only a line that names the connection is believed
 * then. A hole swallows the trigger and its retransmissions; after the last of
 * those that was seen the kernel waits once more, as long as the whole hang at most (the wait
 * doubles, RFC 6298 §5.5) and never more than TCP_RTO_MAX, 120 s on Linux, before ETIMEDOUT. An
 * application with a timer of its own gives up anywhere between.
 */
import type { Endpoint, Finding } from '../../judge/finding.ts';
import type { SocketError } from './socket-errors.ts';

export interface Window {
  readonly finding: Finding;
  readonly fromMs: number;
  readonly toMs: number;
  readonly errors: ReadonlySet<SocketError>;
  /** How long after its end a line that names the connection may still be about it. */
  readonly lateMs: number;
  /** Some end had just spoken, so the program on it hears of the death when it happens. */
  readonly isPrompt: boolean;
  /** Of the connection, and of it beyond the box where that is known. */
  readonly clients: readonly Endpoint[];
  readonly servers: readonly Endpoint[];
}

const RTO_MAX_MS = 120_000;
/** Chosen: pools use what they hold within the hour. */
const LATE_MS = 3_600_000;
/** Chosen: whoever waits a second may have a timer of its own that runs out. */
const PATIENCE_MS = 1000;

const RESET: ReadonlySet<SocketError> = new Set(['ECONNRESET', 'EPIPE']);
const TIMED_OUT: ReadonlySet<SocketError> = new Set(['ETIMEDOUT', 'EPIPE']);
const EITHER: ReadonlySet<SocketError> = new Set(['ECONNRESET', 'ETIMEDOUT', 'EPIPE']);

const milliseconds = (ns: bigint): number => Number(ns) / 1e6;

/**
 * Keepalive that gives up reports ETIMEDOUT to its own program and resets the other end. An orphan's
 * reset reaches the far side alone; the near one waits in vain.
 */
function errorsOf(finding: Finding, hangMs: number): ReadonlySet<SocketError> {
  const { ending, trigger, signature } = finding;
  if (ending.kind === 'none') return TIMED_OUT;
  if (signature === 'orphan-reset') return EITHER;
  return trigger.kind === 'keepalive' || hangMs >= PATIENCE_MS ? EITHER : RESET;
}

export function windowOf(finding: Finding): Window {
  const { record, ending, translated, otherLeg } = finding;
  const tuples = [translated, otherLeg].filter((tuple) => tuple !== undefined);
  const fromMs = milliseconds(record.endedAtNs);
  const hangMs = milliseconds(ending.hangNs);
  const endMs = Math.max(
    fromMs,
    ending.atNs === null ? fromMs + hangMs : milliseconds(ending.atNs),
  );
  const { originatorAddress, originatorPort, responderAddress, responderPort } = record;
  return {
    finding,
    fromMs,
    toMs: ending.kind === 'none' ? endMs + Math.min(hangMs, RTO_MAX_MS) : endMs,
    errors: errorsOf(finding, hangMs),
    lateMs: ending.kind === 'none' ? 0 : LATE_MS,
    isPrompt: finding.trigger.kind !== 'none' && finding.signature !== 'orphan-reset',
    clients: [
      { address: originatorAddress, port: originatorPort },
      ...tuples.map(({ originator }) => originator),
    ],
    servers: [
      { address: responderAddress, port: responderPort },
      ...tuples.map(({ responder }) => responder),
    ],
  };
}

/** 0 inside of the window, else the way to its nearer edge: below 0 before it. */
export function awayMs({ fromMs, toMs }: Window, ms: number): number {
  if (ms < fromMs) return ms - fromMs;
  return ms > toMs ? ms - toMs : 0;
}
