/** What the lab's programs are told: connections, each with what it does and when. */
export type Step =
  | readonly ['echo' | 'send' | 'receive', bytes: number]
  | readonly ['idle', seconds: number]
  | readonly ['abort', _: 0];

export interface Flow {
  readonly name: string;
  readonly startSeconds: number;
  /** How the server treats it: programs/server.js. */
  readonly mode: 'echo' | 'push' | 'idle-fin' | 'idle-rst' | 'unread';
  /** The time that belongs to the mode; of `push`, the silence before each push. */
  readonly seconds?: number | readonly number[];
  readonly plan: readonly Step[];
  readonly keepAliveSeconds?: number;
  /** Whether the box is to kill it. */
  readonly dies: boolean;
}

/** What the client says of a connection when it is over. */
export interface Lived {
  readonly name: string;
  readonly localPort: number;
  /** An errno's name, `closed`, or END where the server closed first. */
  readonly end: string;
  /** As they really were, seconds. */
  readonly silences: readonly number[];
}

/**
 * The longest that a silence may really become and the experiment still be the planned one, seconds: what is to be survived
 * stays below T; a kill dies however late it comes; what a keepalive carries over T (one each T/2 at most) shows by its
 * lateness how long the whole machine slept, keepalive included.
 */
export function longest({ dies }: Flow, planned: number, timeout: number): number {
  if (planned < timeout) return timeout - MARGIN_S / 2;
  return dies ? Infinity : planned + timeout / 2;
}

/** Evenly from `low` to `high`, so that every scenario has the same bracket around T. */
export const spread = (low: number, high: number, i: number, count: number): number =>
  count < 2 ? low : low + ((high - low) * i) / (count - 1);

/** Chosen: nearer to T than this no plan goes, so that a busy machine changes no outcome. */
export const MARGIN_S = 0.6;

/** Silences that the box survives, for the i-th of `count` connections. */
export const below = (timeout: number, i: number, count: number): number =>
  spread(timeout * 0.3, timeout - MARGIN_S, i, count);

/** Silences that it does not. */
export const beyond = (timeout: number, i: number, count: number): number =>
  spread(timeout + MARGIN_S, timeout * 1.9, i, count);

type Made = Omit<Flow, 'name' | 'startSeconds'>;

/** Connections begin within two seconds, not all at one instant. */
export const flows = (count: number, made: (i: number) => Made): readonly Flow[] =>
  Array.from({ length: count }, (_, i) => ({
    name: `c${i}`,
    startSeconds: spread(0, 2, i, count),
    ...made(i),
  }));
