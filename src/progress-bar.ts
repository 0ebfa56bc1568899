/** A bar on stderr for what has a known end; nothing in a pipe, nothing for what is over at once. */
import { bytes } from './progress.ts';
import type { Terminal } from './terminal.ts';

const PATIENCE_MS = 300;
const REDRAW_MS = 100;
const CELLS = 24;

/** CR, then ECMA-48 EL: the line is written over. */
const ERASE = '\r\x1b[K';

interface Amount {
  readonly bytes: number;
  /** 0 when unknown. */
  readonly totalBytes: number;
  readonly findings?: number;
}

export interface ProgressBar {
  show(what: string, amount: Amount): void;
  clear(): void;
}

export function barText(what: string, amount: Amount): string {
  const found = amount.findings ? `, ${amount.findings} findings` : '';
  if (amount.totalBytes === 0) return `${what}: ${bytes(amount.bytes)}${found}`;
  const share = Math.min(1, amount.bytes / amount.totalBytes);
  const full = Math.round(share * CELLS);
  const bar = `${'█'.repeat(full)}${'░'.repeat(CELLS - full)}`;
  return `${what} ${bar} ${Math.floor(share * 100)} % of ${bytes(amount.totalBytes)}${found}`;
}

export function openProgressBar(terminal: Terminal, quiet: boolean): ProgressBar {
  const silent = quiet || !terminal.errIsTerminal;
  const started = performance.now();
  let drawn = 0;
  return {
    show(what, amount) {
      const now = performance.now();
      if (silent || now - started < PATIENCE_MS || now - drawn < REDRAW_MS) return;
      drawn = now;
      terminal.err(`${ERASE}${barText(what, amount)}`);
    },
    clear() {
      if (drawn > 0) terminal.err(ERASE);
      drawn = 0;
    },
  };
}
