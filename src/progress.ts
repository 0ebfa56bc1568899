/**
 * One line on stderr that says how far a long analysis is; nothing for a short one, nothing in a
 * pipe.
 */
import type { Progress } from './capture/addon.ts';
import { openLine } from './drawn-line.ts';
import type { Terminal } from './terminal.ts';

/** Chosen: what is over in a second needs no progress. */
const PACE = { patienceMs: 1000, redrawMs: 200 } as const;

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

export function bytes(value: number): string {
  let unit = 0;
  let scaled = value;
  while (scaled >= 1000 && unit < UNITS.length - 1) {
    scaled /= 1000;
    unit++;
  }
  return `${scaled < 10 && unit > 0 ? scaled.toFixed(1) : Math.round(scaled)} ${UNITS[unit]}`;
}

function clock(milliseconds: number): string {
  const all = Math.ceil(milliseconds / 1000);
  return `${Math.floor(all / 60)}:${String(all % 60).padStart(2, '0')}`;
}

export function progressLine(progress: Progress, elapsedMs: number): string {
  const { bytesRead, bytesTotal, packets } = progress;
  const million = `${(packets / 1e6).toFixed(1)} M packets`;
  if (bytesTotal === 0 || bytesRead === 0) return `reading: ${bytes(bytesRead)}, ${million}`;
  const share = Math.min(1, bytesRead / bytesTotal);
  const left = (elapsedMs * (1 - share)) / share;
  const amount = `${bytes(bytesRead)} of ${bytes(bytesTotal)}`;
  return `reading: ${Math.floor(share * 100)} %, ${amount}, ${million}, ${clock(left)} left`;
}

export interface ProgressLine {
  readonly show: (progress: Progress) => void;
  readonly clear: () => void;
}

export function openProgress(terminal: Terminal, quiet: boolean): ProgressLine {
  const line = openLine(terminal, quiet, PACE);
  return {
    show: (progress) => line.draw((elapsedMs) => progressLine(progress, elapsedMs)),
    clear: () => line.clear(),
  };
}
