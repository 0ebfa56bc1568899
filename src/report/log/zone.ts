/** `--log-timezone`: a place ("Europe/Berlin", its summer time included), an offset, UTC, or local. */
import { AppError } from '../../base/errors.ts';
import { zoneOffset } from './written-time.ts';

export interface Zone {
  readonly name: string;
  /** Minutes east of UTC where clocks on the wall show `fieldsMs` (as if it were UTC). */
  minutesAt(fieldsMs: number): number;
}

const fixed = (name: string, minutes: number): Zone => ({ name, minutesAt: () => minutes });

const WALL = {
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
} as const;

/** What a clock in the zone shows at a moment of UTC, as if that were UTC. */
function wallAt(format: Intl.DateTimeFormat, utcMs: number): number {
  const parts = new Map(
    format.formatToParts(utcMs).map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  return Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
}

function placeZone(place: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', { ...WALL, timeZone: place });
  const minutesEast = (utcMs: number) => {
    const whole = Math.floor(utcMs / 1000) * 1000;
    return (wallAt(format, whole) - whole) / 60_000;
  };
  return {
    name: place,
    // Twice: the first guess may lie on the other side of a change to summer time.
    minutesAt: (fieldsMs) =>
      minutesEast(fieldsMs - minutesEast(fieldsMs - minutesEast(fieldsMs) * 60_000) * 60_000),
  };
}

/** Throws E_USAGE for what is no zone. */
export function parseZone(text: string): Zone {
  const minutes = zoneOffset(text);
  if (minutes !== null) return fixed(text, minutes);
  const place =
    text.toLowerCase() === 'local' ? Intl.DateTimeFormat().resolvedOptions().timeZone : text;
  try {
    return placeZone(place);
  } catch (thrown) {
    throw new AppError(
      'E_USAGE',
      `--log-timezone: "${text}" is no time zone`,
      'write Europe/Berlin, +02:00, UTC or local',
      thrown,
    );
  }
}
