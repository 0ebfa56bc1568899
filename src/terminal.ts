/**
 * Where a command speaks: results to stdout, everything else to stderr, and what either of them is.
 *
 * A reader that has seen enough (`deadair read … | head`) is no error: the command ends quietly.
 */
import { once } from 'node:events';

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

function endQuietlyWithoutReader(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
}

export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process;
  endQuietlyWithoutReader(stdout);
  endQuietlyWithoutReader(stderr);
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
