/**
 * Lines of a log → the socket errors in them.
 *
 * A log is hostile text of any size: only lines with an error are kept, cut and made visible, and
 * only so many of them. A line without a time of its own (the stack trace below a message) belongs
 * to the line above that has one; the same error of one such entry counts once.
 */
import { visible } from '../visible.ts';
import { endpointsIn, type NamedEndpoint } from './endpoints.ts';
import { type LogFormat, type TimedLine, timeOfLine } from './formats.ts';
import { type SocketError, socketErrors } from './socket-errors.ts';
import type { WrittenTime } from './written-time.ts';

export interface LogError {
  /** Counted from 1. */
  readonly line: number;
  readonly error: SocketError;
  readonly time: WrittenTime;
  readonly format: LogFormat;
  readonly endpoints: readonly NamedEndpoint[];
  /** Visible, and cut. */
  readonly text: string;
}

/** Chosen: some megabytes of text at most; nobody reads more. */
export const ERRORS_AT_MOST = 50_000;
const TEXT = 300;
/** Chosen: the depth of a stack trace that still belongs to the line above it. */
const LINES_BELOW = 60;

function shown(line: string): string {
  const text = visible(line.slice(0, TEXT).trim());
  return line.length > TEXT || text.length > TEXT ? `${text.slice(0, TEXT)}…` : text;
}

export class LogScan {
  readonly errors: LogError[] = [];
  lines = 0;
  /** Errors that no time could be found for. */
  untimed = 0;
  /** Errors behind the most that are kept. */
  overflow = 0;
  readonly #above: string[] = [];
  #entry: { readonly line: number; readonly told: Set<SocketError> } | null = null;

  /** `line`: bounded by whoever reads; its end may be cut off. */
  take(line: string): void {
    this.lines++;
    const errors = socketErrors(line);
    if (errors.length > 0) this.#takeErrors(line, errors);
    this.#above.push(line);
    if (this.#above.length > LINES_BELOW) this.#above.shift();
  }

  /** The nearest line above that tells a time, and its number. */
  #entryAbove(): {
    readonly timed: TimedLine;
    readonly line: number;
    readonly text: string;
  } | null {
    for (let back = 1; back <= this.#above.length; back++) {
      const text = this.#above[this.#above.length - back] ?? '';
      const timed = timeOfLine(text);
      if (timed !== null) return { timed, line: this.lines - back, text };
    }
    return null;
  }

  #takeErrors(line: string, errors: readonly SocketError[]): void {
    const own = timeOfLine(line);
    const entry = own === null ? this.#entryAbove() : { timed: own, line: this.lines, text: line };
    if (entry === null) {
      this.untimed += errors.length;
      return;
    }
    if (this.#entry?.line !== entry.line) this.#entry = { line: entry.line, told: new Set() };
    const { told } = this.#entry;
    const fresh = errors.filter((error) => !told.has(error));
    for (const error of fresh) told.add(error);
    const context = own === null ? `${entry.text} ${line}` : line;
    this.#keep(line, fresh, entry.timed, endpointsIn(context));
  }

  #keep(
    line: string,
    errors: readonly SocketError[],
    { format, time }: TimedLine,
    endpoints: readonly NamedEndpoint[],
  ): void {
    for (const error of errors) {
      if (this.errors.length >= ERRORS_AT_MOST) this.overflow++;
      else {
        const text = shown(line);
        this.errors.push({ line: this.lines, error, time, format, endpoints, text });
      }
    }
  }
}
