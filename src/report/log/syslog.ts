/**
 * Syslog. RFC 3164: `<34>Oct 11 22:14:15 host tag: …`, local time without a year, its priority mostly
 * gone in files. RFC 5424: `<165>1 2003-10-11T22:14:15.003Z host app …`.
 */
import { ISO, isoMatched } from './iso-time.ts';
import { monthOf, type WrittenTime, writtenTime } from './written-time.ts';

const OLD =
  /^(?:<\d{1,3}>)?([A-Z][a-z]{2}) {1,2}(\d{1,2}) (?:(\d{4}) )?(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?[ :]/;
const NEW = new RegExp(`^<\\d{1,3}>\\d{0,2} ${ISO} `);

export function syslogTime(line: string): WrittenTime | null {
  const later = NEW.exec(line);
  if (later !== null) return isoMatched(later);
  const match = OLD.exec(line);
  if (match === null) return null;
  const [, name = '', day, year, hour, minute, second, fraction = ''] = match;
  const month = monthOf(name);
  if (month === null) return null;
  const date = { year: year === undefined ? null : Number(year), month, day: Number(day) };
  const clock = { hour: Number(hour), minute: Number(minute), second: Number(second), fraction };
  return writtenTime({ ...date, ...clock }, null);
}
