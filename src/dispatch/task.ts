/** What goes to a worker and what comes back. Plain data: an Error that crosses a thread border loses its code. */
import type { MessagePort } from 'node:worker_threads';
import { AppError, type ErrorCode } from '../base/errors.ts';
import type { AnalysisOptions } from '../capture/addon.ts';
import { asAppError } from '../capture/problems.ts';
import type { Board } from './board.ts';

export interface ShardTask {
  readonly options: AnalysisOptions;
  readonly board: Board;
  /** A ShardYield (drive.ts) goes this way, by transfer; it is in the queue before the task's result is. */
  readonly port: MessagePort;
}

export interface Failure {
  readonly kind: 'failed';
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

export type ShardOutcome = { readonly kind: 'finished' | 'stopped' } | Failure;

export function failureOf(thrown: unknown): Failure {
  const { code, message, hint } = asAppError(thrown);
  return { kind: 'failed', code, message, hint };
}

export const errorOf = ({ code, message, hint }: Failure): AppError =>
  new AppError(code, message, hint);
