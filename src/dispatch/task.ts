/** What goes to a worker and what comes back. Plain data: an Error that crosses a thread border loses its code. */
import type { MessagePort } from 'node:worker_threads';
import { AppError, type ErrorCode } from '../base/errors.ts';
import type { AnalysisOptions, Finished } from '../capture/addon.ts';
import { asAppError } from '../capture/problems.ts';
import type { Board } from './board.ts';

export interface ShardTask {
  readonly options: AnalysisOptions;
  readonly board: Board;
  /** Batches go this way while the task runs; all are in its queue before the task's result is. */
  readonly port: MessagePort;
}

export interface Batch {
  readonly kind: 'silences' | 'births';
  readonly records: Uint8Array;
}

export interface Failure {
  readonly kind: 'failed';
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

export type ShardOutcome =
  | { readonly kind: 'finished'; readonly finished: readonly Finished[] }
  | { readonly kind: 'stopped' }
  | Failure;

export function failureOf(thrown: unknown): Failure {
  const { code, message, hint } = asAppError(thrown);
  return { kind: 'failed', code, message, hint };
}

export const errorOf = ({ code, message, hint }: Failure): AppError =>
  new AppError(code, message, hint);
