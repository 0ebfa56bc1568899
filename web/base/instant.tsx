/** A time in the reader's zone, with UTC on hover and for machines. */
const SHORT: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', second: '2-digit' };
const LONG: Intl.DateTimeFormatOptions = {
  ...SHORT,
  year: 'numeric',
  month: 'short',
  day: 'numeric',
};

/** Made once: a formatter is what costs, and a list has a thousand times. */
const short = new Intl.DateTimeFormat(undefined, { ...SHORT, hourCycle: 'h23' });
const long = new Intl.DateTimeFormat(undefined, { ...LONG, hourCycle: 'h23' });

export const utc = (at: string): string =>
  at.replace('T', ' ').replace(/(\.\d{3})\d*Z?$|Z$/, '$1 UTC');

export function Instant({ at, day = true }: { at: string; day?: boolean }) {
  const ms = Date.parse(at);
  if (Number.isNaN(ms)) return <span>{at}</span>;
  return (
    <time dateTime={at} title={utc(at)}>
      {(day ? long : short).format(ms)}
    </time>
  );
}
