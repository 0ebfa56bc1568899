/**
 * What is said to the users of one piece of software. Every claim names the page or source it was
 * read in.
 */
import type { By } from '../../judge/finding.ts';
import type { KeepaliveSettings } from '../settings.ts';

export interface RemedyLine {
  readonly stack: string;
  /**
   * `set` is to be copied into a shell or a configuration; `note` says what it does not reach, and
   * which knob is missing.
   */
  readonly kind: 'set' | 'note';
  readonly text: string;
}

export interface Prescribed extends KeepaliveSettings {
  /** TCP_USER_TIMEOUT; null where boxes answer with resets, so that nothing hangs. */
  readonly userTimeoutSeconds: number | null;
}

/**
 * By the end that closes: its own timer is the one to raise. What a pool at the other end waits for
 * must then be shorter, not longer, or the pool hands out what is already closed.
 */
export type OwnTimer = Readonly<Record<By, readonly RemedyLine[]>>;

export interface Stack {
  readonly name: string;
  /** TCP ports that it is usually met on; a guess, and said to be one. */
  readonly ports: readonly number[];
  /** Against a box on the way; the most useful first. */
  readonly keepalive: (to: Prescribed) => readonly RemedyLine[];
  /** Against a timer of its own: keepalive does not help there. */
  readonly ownTimer: OwnTimer;
}

export const set = (stack: string, text: string): RemedyLine => ({ stack, kind: 'set', text });
export const note = (stack: string, text: string): RemedyLine => ({ stack, kind: 'note', text });
/** Where it makes no difference who closes. */
export const whoever = (...lines: readonly RemedyLine[]): OwnTimer => ({
  originator: lines,
  responder: lines,
});
export const milliseconds = (seconds: number): string => String(seconds * 1000);
