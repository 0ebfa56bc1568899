/**
 * MongoDB's text log. Up to 2.4: `Fri Nov 14 12:52:00.356 [replslave] …`, ctime without a year, in
 * the zone of the machine; up to 4.2 also ISO: `2014-11-14T12:52:00.356+0800 I NETWORK [conn1] …`
 * (systemLog.timeStampFormat: ctime, iso8601-local, iso8601-utc).
 */
import { ISO, isoMatched } from './iso-time.ts';
import { monthOf, type WrittenTime, writtenTime } from './written-time.ts';

const CTIME =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:\.(\d{3}))? (?=[DIWEF] |\[)/;

/** Its "T" keeps it apart from others that put brackets behind the time. */
const LATER = new RegExp(`^${ISO.replace('[T ]', 'T')} (?:[DIWEF]\\d? +[A-Z-]+ +)?\\[`);

export function mongoTextTime(line: string): WrittenTime | null {
  const match = CTIME.exec(line);
  if (match !== null) {
    const [, name = '', day, hour, minute, second, fraction = ''] = match;
    const month = monthOf(name);
    if (month === null) return null;
    const clock = { day: Number(day), hour: Number(hour), minute: Number(minute) };
    return writtenTime({ year: null, month, ...clock, second: Number(second), fraction }, null);
  }
  const later = LATER.exec(line);
  return later === null ? null : isoMatched(later);
}
