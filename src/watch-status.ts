/** One line on stderr that says how a live capture stands; nothing in a pipe. */
import type { LiveCounts } from './dispatch/live.ts';
import { standingLine } from './report/text/watch-line.ts';
import type { Terminal } from './terminal.ts';

/** CR, then ECMA-48 EL: the line is written over. */
const ERASE = '\r\x1b[K';
const REDRAW_MS = 1000;
/** Chosen, where stdout is no terminal and only stderr is one. */
const USUAL_COLUMNS = 80;

export interface StatusLine {
  readonly show: (counts: LiveCounts, findings: number) => void;
  readonly clear: () => void;
}

const SILENT: StatusLine = { show: () => {}, clear: () => {} };

const sum = (all: readonly number[]): number => all.reduce((total, one) => total + one, 0);

interface Moment {
  readonly atMs: number;
  readonly packets: number;
  /** µs of all threads */
  readonly cpu: number;
}

function momentOf({ sources }: LiveCounts): Moment {
  const { user, system } = process.cpuUsage();
  const packets = sum(sources.map(({ frames }) => frames));
  return { atMs: performance.now(), packets, cpu: user + system };
}

export function openStatus(terminal: Terminal, quiet: boolean): StatusLine {
  if (quiet || !terminal.errIsTerminal) return SILENT;
  let before: Moment = { atMs: performance.now(), packets: 0, cpu: 0 };
  let drawn = false;
  return {
    show(counts, findings) {
      const now = momentOf(counts);
      const elapsed = now.atMs - before.atMs;
      if (elapsed < REDRAW_MS) return;
      // A line that wraps is not written over by the next one.
      const columns = (terminal.columns ?? USUAL_COLUMNS) - 1;
      const standing = {
        packetsPerSecond: ((now.packets - before.packets) / elapsed) * 1000,
        connections: counts.flows,
        openSilences: counts.openSilences,
        dropped: sum(counts.sources.map(({ dropped }) => dropped)),
        findings,
        cpuPercent: (now.cpu - before.cpu) / elapsed / 10,
        away: counts.sources.filter(({ up }) => !up).map(({ name }) => name),
      };
      before = now;
      drawn = true;
      terminal.err(`${ERASE}${standingLine(standing, columns)}`);
    },
    clear() {
      if (drawn) terminal.err(ERASE);
      drawn = false;
    },
  };
}
