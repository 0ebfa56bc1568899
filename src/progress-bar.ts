/** A bar on stderr for what has a known end. */
import { openLine } from './drawn-line.ts';
import { bytes } from './progress.ts';
import type { Terminal } from './terminal.ts';

const PACE = { patienceMs: 300, redrawMs: 100 } as const;
const CELLS = 24;

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
  const line = openLine(terminal, quiet, PACE);
  return {
    show: (what, amount) => line.draw(() => barText(what, amount)),
    clear: () => line.clear(),
  };
}
