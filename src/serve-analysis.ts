/**
 * Runs one analysis in a child process: watches its memory, passes on its progress, ends it at once when it is to stop,
 * and says how it ended. See analysis-process.ts.
 */
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { AnalysisMessage, AnalysisOrder, AnalysisResult } from './analysis-process.ts';
import { spawnRole } from './serve-spawn.ts';

export type AnalysisEnd =
  | ({ readonly kind: 'done' } & AnalysisResult)
  /** The capture cannot be analysed: trying again would not help. */
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly message: string;
      readonly hint: string;
    }
  /** The process died on its own. */
  | { readonly kind: 'crashed'; readonly reason: string }
  /** `signal` was aborted. */
  | { readonly kind: 'stopped' };

export interface AnalysisRun {
  readonly order: AnalysisOrder;
  /** Resident memory at which it is ended. */
  readonly memoryBytes: number;
  readonly signal: AbortSignal;
  readonly onProgress: (bytes: number, records: number) => void;
}

const WATCH_MS = 50;
/** JavaScript's share of the limit: the rest is native memory. */
const HEAP_SHARE = 0.75;
const MIB = 2 ** 20;
const PAGE_BYTES = 4096;

/** proc_pid_statm(5), second field: resident pages. */
export function residentBytes(pid: number): number {
  try {
    const [, pages = '0'] = readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ');
    return Number(pages) * PAGE_BYTES;
  } catch {
    return 0;
  }
}

function deathOf(code: number | null, signal: string | null): string {
  return signal === null ? `ended with status ${code}` : `was ended by ${signal}`;
}

/** From its first moment on: what is over within one turn of the clock may have been too large as well. */
function watchMemory(child: ChildProcess, limit: number, exceeded: () => void): NodeJS.Timeout {
  const look = () => {
    if (child.pid === undefined || residentBytes(child.pid) <= limit) return;
    exceeded();
    child.kill('SIGKILL');
  };
  child.once('spawn', look);
  return setInterval(look, WATCH_MS);
}

export function runAnalysis({
  order,
  memoryBytes,
  signal,
  onProgress,
}: AnalysisRun): Promise<AnalysisEnd> {
  if (signal.aborted) return Promise.resolve({ kind: 'stopped' });
  const heap = Math.max(64, Math.floor((memoryBytes * HEAP_SHARE) / MIB));
  const child = spawnRole('analysis', [`--max-old-space-size=${heap}`]);
  let end: AnalysisEnd | null = null;
  let tooLarge = false;
  const memory = watchMemory(child, memoryBytes, () => (tooLarge = true));
  const kill = () => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill);
  child.on('message', (message: AnalysisMessage) => {
    if (message.kind === 'progress') onProgress(message.bytes, message.records);
    else end = message;
  });
  child.send(order, () => {});
  return new Promise((resolve) => {
    const over = (reason: string) => {
      clearInterval(memory);
      signal.removeEventListener('abort', kill);
      if (signal.aborted) resolve({ kind: 'stopped' });
      else if (end !== null) resolve(end);
      else if (tooLarge) {
        const limit = Math.round(memoryBytes / MIB);
        resolve({ kind: 'crashed', reason: `needed more than ${limit} MiB of memory` });
      } else resolve({ kind: 'crashed', reason });
    };
    child.once('error', (error) => over(`could not be started: ${error.message}`));
    child.once('exit', (code, by) => over(deathOf(code, by)));
  });
}
