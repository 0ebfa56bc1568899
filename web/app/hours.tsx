/** Findings an hour, as bars: the last two days before the newest finding. */
import { useMemo } from 'preact/hooks';
import type { StoredFinding } from '../api/shapes.ts';
import { number } from '../../src/report/text/quantity.ts';
import { useWidth } from '../base/measured.ts';
import { useZone } from '../base/zone.ts';

const HOUR_MS = 3_600_000;
const HOURS = 48;
const HEIGHT = 120;
const AXIS = 20;
/** Chosen: no bold digit is wider, px. */
const DIGIT = 10;

interface Hour {
  readonly at: number;
  readonly count: number;
}

export function hoursOf(findings: readonly StoredFinding[]): readonly Hour[] {
  const times = findings.map(({ silence }) => Date.parse(silence.endedAt));
  const last = Math.floor(times.reduce((a, b) => Math.max(a, b), 0) / HOUR_MS);
  const counts = new Map<number, number>();
  for (const time of times) {
    const hour = Math.floor(time / HOUR_MS);
    counts.set(hour, (counts.get(hour) ?? 0) + 1);
  }
  return Array.from({ length: HOURS }, (_, i) => last - HOURS + 1 + i).map((hour) => ({
    at: hour * HOUR_MS,
    count: counts.get(hour) ?? 0,
  }));
}

const CLOCK = {
  weekday: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
} as const;

export function Hours({
  findings,
  partial,
}: {
  findings: readonly StoredFinding[];
  partial: boolean;
}) {
  const [box, width] = useWidth<HTMLElement>();
  const zone = useZone();
  const clock = useMemo(
    () =>
      new Intl.DateTimeFormat(undefined, zone === 'utc' ? { ...CLOCK, timeZone: 'UTC' } : CLOCK),
    [zone],
  );
  const hours = hoursOf(findings);
  const most = hours.reduce((a, { count }) => Math.max(a, count), 1);
  const step = Math.max(1, width || 320) / HOURS;
  const room = (number(most).length * DIGIT) / 2;
  const marks = [0, 12, 24, 36, 47];
  return (
    <figure class="hours" ref={box}>
      <svg
        width={width || 320}
        height={HEIGHT + AXIS}
        role="img"
        aria-label={`Findings an hour, at most ${most}`}
      >
        {hours.map(({ at, count }, i) => {
          const height = (count / most) * (HEIGHT - 18);
          return (
            <g key={at}>
              <rect
                class="hour"
                x={i * step + 1}
                y={HEIGHT - height}
                width={Math.max(1, step - 2)}
                height={height}
              >
                <title>{`${clock.format(at)}: ${count}`}</title>
              </rect>
              {count === most ? (
                <text
                  class="hour-most"
                  x={Math.min(Math.max(i * step + step / 2, room), (width || 320) - room)}
                  y={HEIGHT - height - 5}
                  text-anchor="middle"
                >
                  {number(count)}
                </text>
              ) : null}
            </g>
          );
        })}
        <line class="hours-floor" x1={0} x2={width || 320} y1={HEIGHT} y2={HEIGHT} />
        {marks
          .filter((i) => width > 520 || i % 24 === 0 || i === 47)
          .map((i) => (
            <text
              key={i}
              x={i === 0 ? 0 : i === 47 ? width || 320 : i * step}
              y={HEIGHT + 15}
              text-anchor={i === 0 ? 'start' : i === 47 ? 'end' : 'middle'}
            >
              {clock.format(hours[i]?.at ?? 0)}
            </text>
          ))}
      </svg>
      <figcaption class="note">
        By the capture’s clock{zone === 'utc' ? ', in UTC' : ''}
        {partial ? '; of the newest 1,000' : ''}.
      </figcaption>
    </figure>
  );
}
