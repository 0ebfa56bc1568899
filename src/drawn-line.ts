/** One line on stderr that is written over; nothing in a pipe, nothing for what is over at once. */
import type { Terminal } from './terminal.ts';

/** CR, then ECMA-48 EL. */
const ERASE = '\r\x1b[K';

interface Pace {
  /** What is over by then needs no line. */
  readonly patienceMs: number;
  readonly redrawMs: number;
}

export interface DrawnLine {
  /** `text` is made only when it is drawn. */
  draw(text: (elapsedMs: number) => string): void;
  clear(): void;
}

const SILENT: DrawnLine = { draw: () => {}, clear: () => {} };

export function openLine(
  terminal: Terminal,
  quiet: boolean,
  { patienceMs, redrawMs }: Pace,
): DrawnLine {
  if (quiet) return SILENT;
  const started = performance.now();
  let drawn = 0;
  return {
    draw(text) {
      const now = performance.now();
      if (now - started < patienceMs || now - drawn < redrawMs) return;
      // Asked no sooner: the answer costs Node's streams.
      if (!terminal.errIsTerminal) return;
      drawn = now;
      terminal.err(`${ERASE}${text(now - started)}`);
    },
    clear() {
      if (drawn > 0) terminal.err(ERASE);
      drawn = 0;
    },
  };
}
