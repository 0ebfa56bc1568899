/**
 * Ranges of the Monitoring Plugins Development Guidelines, "Threshold and ranges": [@]start:end.
 *
 * An alert is raised outside of start to end, or, after "@", inside; both ends belong to it. Start
 * is 0 when it is left out and minus infinity as "~"; an end that is left out is infinity.
 */
import { AppError } from './base/errors.ts';

export interface Range {
  /** As it was written: performance data repeats it. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly alertsInside: boolean;
}

const NUMBER = '-?\\d+(?:\\.\\d+)?';
const RANGE = new RegExp(`^(@)?(?:(~|${NUMBER})?(:))?(${NUMBER})?$`);

function startOf(text: string | undefined): number {
  if (text === undefined) return 0;
  return text === '~' ? Number.NEGATIVE_INFINITY : Number(text);
}

/** Null for what is no range; "" and "@" are none. */
export function parseRange(text: string): Range | null {
  const match = RANGE.exec(text);
  if (match === null) return null;
  const [, at, from, colon, to] = match;
  if (colon === undefined && to === undefined) return null;
  const start = startOf(from);
  const end = to === undefined ? Number.POSITIVE_INFINITY : Number(to);
  return start > end ? null : { text, start, end, alertsInside: at !== undefined };
}

export function rangeOf(name: string, text: string): Range {
  const range = parseRange(text);
  if (range !== null) return range;
  throw new AppError(
    'E_USAGE',
    `${name}: "${text}" is no range`,
    'write 10, 10:, ~:10, 10:20 or @10:20',
  );
}

export function alerts({ start, end, alertsInside }: Range, value: number): boolean {
  const isInside = value >= start && value <= end;
  return isInside === alertsInside;
}
