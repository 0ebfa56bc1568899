/**
 * How a command fails: one line with the code for programs, one line with the hint for hands, and
 * the exit status.
 */
import { asAppError } from './capture/problems.ts';
import { visible } from './report/visible.ts';
import type { Terminal } from './terminal.ts';

/** 128 + SIGINT, as shells count it. */
export const INTERRUPTED = 130;

export class Interrupted extends Error {}

export function tellFailure(thrown: unknown, terminal: Terminal): number {
  if (thrown instanceof Interrupted) {
    terminal.err(
      'deadair: stopped; nothing is reported of a capture that was not read to its end\n',
    );
    return INTERRUPTED;
  }
  const error = asAppError(thrown);
  terminal.err(
    `deadair: ${visible(error.message)} (${error.code})\n  hint: ${visible(error.hint)}\n`,
  );
  if (error.code === 'E_INTERNAL' && thrown instanceof Error)
    terminal.err(`${thrown.stack ?? ''}\n`);
  return error.exit;
}
