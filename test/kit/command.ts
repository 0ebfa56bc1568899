/** A command in this process, its output kept: at a terminal of some width, or in a pipe. */
import { run } from '../../src/cli.ts';
import type { Terminal } from '../../src/terminal.ts';

export interface Said {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

export async function said(
  args: readonly string[],
  terminal: Partial<Terminal> = {},
  signal = new AbortController().signal,
): Promise<Said> {
  let [out, err] = ['', ''];
  const status = await run(
    args,
    {
      env: {},
      outIsTerminal: false,
      errIsTerminal: false,
      columns: null,
      out: (text) => {
        out += text;
        return Promise.resolve();
      },
      err: (text) => (err += text),
      ...terminal,
    },
    signal,
  );
  return { status, out, err };
}
