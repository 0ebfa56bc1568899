/**
 * Where a command speaks: results to stdout, everything else to stderr, and what either of them is.
 *
 * A reader that has seen enough (`deadair read … | head`) is no error: the command ends quietly.
 */
import { once } from 'node:events';
import { EXIT } from './base/errors.ts';
import { type Direct, directOutput } from './standard-output.ts';

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
function endOf(error: NodeJS.ErrnoException): never {
  if (error.code === 'EPIPE') process.exit();
  const { code = 'failed' } = error;
  process.stderr.write(`deadair: the output cannot be written: ${code} (E_OUTPUT)\n`);
  process.stderr.write('  hint: look for room on the disk it goes to\n');
  process.exit(EXIT.input);
}

/** Node makes a stream when it is first asked for, and so do we. */
function streamOf(name: 'stdout' | 'stderr'): () => NodeJS.WriteStream {
  let stream: NodeJS.WriteStream | undefined;
  return () => {
    stream ??= process[name].on('error', endOf);
    return stream;
  };
}

function outputTo(stream: () => NodeJS.WriteStream, direct: Direct | null): Terminal['out'] {
  let now = direct;
  return async (text) => {
    let left: string | Uint8Array | null = text;
    try {
      if (now !== null) left = now(text);
    } catch (thrown) {
      endOf(thrown as NodeJS.ErrnoException);
    }
    if (left === null) return;
    now = null;
    if (!stream().write(left)) await once(stream(), 'drain');
  };
}

export function processTerminal(): Terminal {
  const [stdout, stderr] = [streamOf('stdout'), streamOf('stderr')];
  const direct = directOutput();
  return {
    env: process.env,
    get outIsTerminal() {
      return direct === null && stdout().isTTY === true;
    },
    get errIsTerminal() {
      return stderr().isTTY === true;
    },
    get columns() {
      return this.outIsTerminal ? stdout().columns : null;
    },
    out: outputTo(stdout, direct),
    err: (text) => void stderr().write(text),
  };
}
