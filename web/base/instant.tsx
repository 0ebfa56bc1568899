/** A time in the reader's zone with UTC on hover, or the other way round. */
import { useZone } from './zone.ts';

const SHORT: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', second: '2-digit' };
const LONG: Intl.DateTimeFormatOptions = {
  ...SHORT,
  year: 'numeric',
  month: 'short',
  day: 'numeric',
};

/** A formatter is what costs, ten milliseconds at first: made when it is needed, and once, for a list has a thousand times. */
function formatter(options: Intl.DateTimeFormatOptions): (ms: number) => string {
  let made: Intl.DateTimeFormat | null = null;
  return (ms) => (made ??= new Intl.DateTimeFormat(undefined, options)).format(ms);
}

const h23 = { hourCycle: 'h23' } as const;
const LOCAL = { day: formatter({ ...LONG, ...h23 }), time: formatter({ ...SHORT, ...h23 }) };
const inUtc = { ...h23, timeZone: 'UTC' } as const;
const UTC = { day: formatter({ ...LONG, ...inUtc }), time: formatter({ ...SHORT, ...inUtc }) };

export const utc = (at: string): string =>
  at.replace('T', ' ').replace(/(\.\d{3})\d*Z?$|Z$/, '$1 UTC');

export function Instant({ at, day = true }: { at: string; day?: boolean }) {
  const zone = useZone();
  const ms = Date.parse(at);
  if (Number.isNaN(ms)) return <span>{at}</span>;
  const kind = day ? 'day' : 'time';
  const local = LOCAL[kind](ms);
  return (
    <time dateTime={at} title={zone === 'utc' ? `${local} here` : utc(at)}>
      {zone === 'utc' ? `${UTC[kind](ms)} UTC` : local}
    </time>
  );
}
