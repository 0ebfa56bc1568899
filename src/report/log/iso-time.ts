/** ISO 8601 as logs write it: date and time with "T" or a space between, a zone or none (RFC 3339). */
import { type WrittenTime, writtenTime, zoneOffset } from './written-time.ts';

const DATE = String.raw`(\d{4})([-/])(\d\d)\2(\d\d)`;
const TIME = String.raw`(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?`;
const ZONE = String.raw` ?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)(?![\w:])`;

/** The source of a pattern with nine groups for `isoMatched`. */
export const ISO = `${DATE}[T ]${TIME}(?:${ZONE})?`;

const ANYWHERE = new RegExp(`(?<![\\d-])${ISO}`);

/** `match`: of a pattern that holds ISO, `from` groups before it. */
export function isoMatched(match: RegExpExecArray, from = 0): WrittenTime | null {
  const group = (index: number) => match[from + index];
  return writtenTime(
    {
      year: Number(group(1)),
      month: Number(group(3)),
      day: Number(group(4)),
      hour: Number(group(5)),
      minute: Number(group(6)),
      second: Number(group(7)),
      fraction: group(8) ?? '',
    },
    zoneOffset(group(9)),
  );
}

/** The first such time in the text. */
export function isoTime(text: string): WrittenTime | null {
  const match = ANYWHERE.exec(text);
  return match === null ? null : isoMatched(match);
}
