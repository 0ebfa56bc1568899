/** What every command's definition is given. Definitions are small and loaded at once; what a command does, when it runs. */
import type { Terminal } from './terminal.ts';

export interface Invocation {
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Takes the exit status. */
  readonly done: (status: number) => void;
}

/** A flag that may be given more than once. */
export const repeated = (
  value: string,
  before: readonly string[] | undefined,
): readonly string[] | undefined => [...(before ?? []), value];
