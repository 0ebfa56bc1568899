/**
 * Any other line that tells a time near its beginning: ISO 8601, the Common Log Format of web
 * servers, ctime with a year, "14-Nov-2014 12:52:00" (Tomcat, RabbitMQ), Redis's "14 Nov 12:52:00",
 * Unix time in seconds or milliseconds first or as the "time" of JSON (pino, bunyan, zap).
 */
import { isoTime } from './iso-time.ts';
import { epochTime, monthOf, type WrittenTime, writtenTime, zoneOffset } from './written-time.ts';

/** Chosen: a time further behind belongs to the message, not to the line. */
const HEAD = 256;

const TIME = String.raw`(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?`;

interface Shape {
  readonly pattern: RegExp;
  /** Groups: where day, month, year and the time begin; 0 for none. */
  readonly at: readonly [day: number, month: number, year: number, time: number, zone: number];
}

const SHAPES: readonly Shape[] = [
  {
    pattern: new RegExp(
      String.raw`(?<!\w)(\d{1,2})/([A-Z][a-z]{2})/(\d{4}):${TIME}(?: ([+-]\d{4}))?`,
    ),
    at: [1, 2, 3, 4, 8],
  },
  {
    pattern: new RegExp(String.raw`(?<!\w)(\d{1,2})[- ]([A-Z][a-z]{2})[- ](\d{4})(?:::?| )${TIME}`),
    at: [1, 2, 3, 4, 0],
  },
  {
    pattern: new RegExp(String.raw`(?<!\w)(\d{1,2}) ([A-Z][a-z]{2}) ${TIME}`),
    at: [1, 2, 0, 3, 0],
  },
  {
    pattern: new RegExp(String.raw`(?<!\w)([A-Z][a-z]{2}) {1,2}(\d{1,2}) ${TIME} (\d{4})(?!\d)`),
    at: [2, 1, 7, 3, 0],
  },
  {
    pattern: new RegExp(String.raw`(?<!\w)([A-Z][a-z]{2}) {1,2}(\d{1,2}) ${TIME}`),
    at: [2, 1, 0, 3, 0],
  },
];

function shaped(head: string, { pattern, at }: Shape): WrittenTime | null {
  const match = pattern.exec(head);
  if (match === null) return null;
  const [day, monthAt, year, time, zone] = at;
  const month = monthOf(match[monthAt] ?? '');
  if (month === null) return null;
  return writtenTime(
    {
      year: year === 0 ? null : Number(match[year]),
      month,
      day: Number(match[day]),
      hour: Number(match[time]),
      minute: Number(match[time + 1]),
      second: Number(match[time + 2]),
      fraction: match[time + 3] ?? '',
    },
    zone === 0 ? null : zoneOffset(match[zone]),
  );
}

const UNIX_TIME =
  /(?:^\W{0,2}|"(?:time|ts|timestamp|@timestamp)" ?: ?"?)(\d{10}(?:\.\d{1,9})?|\d{13})(?![\d.])/;

function unixTime(head: string): WrittenTime | null {
  const text = UNIX_TIME.exec(head)?.[1];
  if (text === undefined) return null;
  return epochTime(text.length === 13 && !text.includes('.') ? Number(text) / 1000 : Number(text));
}

export function anyTime(line: string): WrittenTime | null {
  const head = line.slice(0, HEAD);
  const iso = isoTime(head);
  if (iso !== null) return iso;
  for (const shape of SHAPES) {
    const time = shaped(head, shape);
    if (time !== null) return time;
  }
  return unixTime(head);
}
