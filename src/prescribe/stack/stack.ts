/**
 * What is said to the users of one piece of software. Every claim names the page or source it was
 * read in.
 */
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

export interface Stack {
  readonly name: string;
  /** TCP ports that it is usually met on; a guess, and said to be one. */
  readonly ports: readonly number[];
  /** Against a box on the way; the most useful first. */
  readonly keepalive: (to: Prescribed) => readonly RemedyLine[];
  /** Against a timer of its own: keepalive does not help there. */
  readonly ownTimer?: readonly RemedyLine[];
}

export const set = (stack: string, text: string): RemedyLine => ({ stack, kind: 'set', text });
export const note = (stack: string, text: string): RemedyLine => ({ stack, kind: 'note', text });
export const milliseconds = (seconds: number): string => String(seconds * 1000);
