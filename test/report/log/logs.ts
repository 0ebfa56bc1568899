/** Logs of a test: lines in, what the scan of a file would hold out. */
import type { LogFile } from '../../../src/report/log/read-log.ts';
import { LogScan } from '../../../src/report/log/scan.ts';

export function logOf(lines: readonly string[], name = 'app.log'): LogFile {
  const scan = new LogScan();
  for (const line of lines) scan.take(line);
  return { name, scan, complete: true };
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const DAYS = 'Sun Mon Tue Wed Thu Fri Sat'.split(' ');

/** How programs in a zone write a moment of UTC, milliseconds since 1970. */
export function writer(zoneMinutes: number) {
  const wall = (utcMs: number) => new Date(utcMs + zoneMinutes * 60_000);
  const iso = (utcMs: number) => wall(utcMs).toISOString();
  const clock = (utcMs: number) => iso(utcMs).slice(11, 19);
  const day = (utcMs: number) => String(wall(utcMs).getUTCDate());
  const month = (utcMs: number) => MONTHS[wall(utcMs).getUTCMonth()] ?? '';
  const sign = zoneMinutes < 0 ? '-' : '+';
  const two = (value: number) => String(value).padStart(2, '0');
  const size = Math.abs(zoneMinutes);
  const zone = `${sign}${two(Math.floor(size / 60))}:${two(size % 60)}`;
  return {
    mongoOld: (utcMs: number, text: string) =>
      `${DAYS[wall(utcMs).getUTCDay()]} ${month(utcMs)} ${day(utcMs).padStart(2)} ` +
      `${iso(utcMs).slice(11, 23)} [replslave] ${text}`,
    mongoJson: (utcMs: number, text: string) =>
      `{"t":{"$date":"${iso(utcMs).slice(0, 23)}${zone}"},"s":"I","c":"NETWORK","msg":"${text}"}`,
    postgres: (utcMs: number, text: string) =>
      `${iso(utcMs).slice(0, 23).replace('T', ' ')} XST [4711] app@db LOG:  ${text}`,
    syslogOld: (utcMs: number, text: string) =>
      `<30>${month(utcMs)} ${day(utcMs).padStart(2)} ${clock(utcMs)} host app[42]: ${text}`,
    syslogNew: (utcMs: number, text: string) =>
      `<30>1 ${iso(utcMs).slice(0, 23)}${zone} host app 42 - - ${text}`,
    plain: (utcMs: number, text: string) => `${iso(utcMs).slice(0, 23).replace('T', ' ')} ${text}`,
    epoch: (utcMs: number, text: string) => `${(utcMs / 1000).toFixed(3)} ${text}`,
  };
}

export type Style = keyof ReturnType<typeof writer>;
