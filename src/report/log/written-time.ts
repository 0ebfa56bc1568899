/**
 * A time as somebody wrote it into a log: the fields of a calendar and a clock on a wall, often
 * without a zone, sometimes without a year. What it is in UTC is decided later, for a whole file
 * (clock.ts); here nothing is guessed.
 */
export interface WrittenTime {
  /** Milliseconds since 1970, as if the fields were UTC; in 1972, a leap year, without a year. */
  readonly fieldsMs: number;
  readonly hasYear: boolean;
  /** Minutes east of UTC where the line says so, else null. */
  readonly zoneMinutes: number | null;
}

export interface Clock {
  readonly year: number | null;
  /** 1 to 12 */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Digits behind the point, "" for none. */
  readonly fraction: string;
}

const LEAP_YEAR = 1972;

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');

/** "Nov" → 11, null when it is no English month. */
export function monthOf(name: string): number | null {
  const at = MONTHS.indexOf(name.slice(0, 3).toLowerCase());
  return at < 0 ? null : at + 1;
}

/** A leap second (60) is the next minute's first, as Unix time has it. */
function msOf(clock: Clock, year: number): number {
  const { month, day, hour, minute, second, fraction } = clock;
  const whole = Date.UTC(year, month - 1, day, hour, minute, second);
  return whole + (fraction === '' ? 0 : Number(`0.${fraction}`) * 1000);
}

const exists = (clock: Clock, year: number): boolean =>
  new Date(Date.UTC(year, clock.month - 1, clock.day)).getUTCDate() === clock.day;

/** Null where no calendar has that day or no clock that time. */
export function writtenTime(clock: Clock, zoneMinutes: number | null): WrittenTime | null {
  const year = clock.year ?? LEAP_YEAR;
  const { month, day, hour, minute, second } = clock;
  if (year < 1970 || month < 1 || month > 12 || day < 1 || !exists(clock, year)) return null;
  if (hour > 23 || minute > 59 || second > 60) return null;
  return { fieldsMs: msOf(clock, year), hasYear: clock.year !== null, zoneMinutes };
}

/** Seconds since 1970: UTC by definition. */
export const epochTime = (seconds: number): WrittenTime => ({
  fieldsMs: seconds * 1000,
  hasYear: true,
  zoneMinutes: 0,
});

/** The year that brings the date closest to `nearMs`; 29 February only where there is one. */
export function withYear({ fieldsMs, hasYear }: WrittenTime, nearMs: number): number {
  if (hasYear) return fieldsMs;
  const written = new Date(fieldsMs);
  const about = new Date(nearMs).getUTCFullYear();
  let best = fieldsMs;
  for (let year = about - 4; year <= about + 4; year++) {
    const moved = new Date(fieldsMs).setUTCFullYear(year) + (fieldsMs % 1);
    if (new Date(moved).getUTCDate() !== written.getUTCDate()) continue;
    if (Math.abs(moved - nearMs) < Math.abs(best - nearMs)) best = moved;
  }
  return best;
}

/** "Z", "UTC", "+0800", "+08:00", "-05" → minutes east; null for anything else, "CST" for one. */
export function zoneOffset(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^(?:Z|UTC|GMT)$/i.test(text)) return 0;
  const match = /^([+-])(\d\d)(?::?(\d\d))?$/.exec(text);
  if (match === null) return null;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  if (minutes > 15 * 60) return null;
  return match[1] === '-' ? -minutes : minutes;
}
