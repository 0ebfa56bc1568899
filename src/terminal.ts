/**
 * Where a command speaks: results to stdout, everything else to stderr, and what either of them is.
 *
 * A reader that has seen enough (`deadair read … | head`) is no error: the command ends quietly.
 */
import { once } from 'node:events';
import { EXIT } from './base/errors.ts';

export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** Of the terminal at stdout, null in a pipe. */
  readonly columns: number | null;
  /** Resolves when there is room for more. */
  out(text: string): Promise<void>;
  err(text: string): void;
}

/** What cannot be written ends the command: quietly when nobody reads on, else as any failure. */
function endWhenItBreaks(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    const { code = 'failed' } = error;
    process.stderr.write(`deadair: the output cannot be written: ${code} (E_OUTPUT)\n`);
    process.stderr.write('  hint: look for room on the disk it goes to\n');
    process.exit(EXIT.input);
  });
}

export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process;
  endWhenItBreaks(stdout);
  endWhenItBreaks(stderr);
  return {
    env,
    outIsTerminal: stdout.isTTY === true,
    errIsTerminal: stderr.isTTY === true,
    columns: stdout.isTTY === true ? stdout.columns : null,
    async out(text) {
      if (!stdout.write(text)) await once(stdout, 'drain');
    },
    err: (text) => void stderr.write(text),
  };
}
