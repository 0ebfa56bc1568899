/** A logarithmic axis of seconds, with the ticks that people count time in. */
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** Length and name; the first ones in each decade are kept longest when room is short. */
const TICKS: readonly (readonly [number, string])[] = [
  [0.01, '10 ms'],
  [0.1, '100 ms'],
  [1, '1 s'],
  [10, '10 s'],
  [MINUTE, '1 min'],
  [5 * MINUTE, '5 min'],
  [HOUR, '1 h'],
  [DAY, '1 d'],
  [30, '30 s'],
  [15 * MINUTE, '15 min'],
  [4 * HOUR, '4 h'],
  [5 * DAY, '5 d'],
  [2, '2 s'],
  [5, '5 s'],
  [20, '20 s'],
  [2 * MINUTE, '2 min'],
  [30 * MINUTE, '30 min'],
  [2 * HOUR, '2 h'],
  [12 * HOUR, '12 h'],
  [2 * DAY, '2 d'],
  [3, '3 s'],
  [4, '4 s'],
  [7, '7 s'],
  [40, '40 s'],
  [50, '50 s'],
  [90, '90 s'],
  [3 * MINUTE, '3 min'],
  [10 * MINUTE, '10 min'],
];

export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly left: number;
  readonly right: number;
  x(seconds: number): number;
  seconds(x: number): number;
}

export function logScale(low: number, high: number, left: number, right: number): Scale {
  const span = Math.log(high / low);
  const width = Math.max(1, right - left);
  const clamped = (value: number) => Math.min(high, Math.max(low, value));
  return {
    low,
    high,
    left,
    right,
    x: (seconds) => left + (Math.log(clamped(seconds) / low) / span) * width,
    seconds: (x) => clamped(low * Math.exp(((x - left) / width) * span)),
  };
}

/** From a bit below the shortest to a bit above the longest; at least a factor of eight. */
export function rangeOf(values: readonly number[]): readonly [number, number] {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  // Not Math.min(...values): a spread of many values overflows the stack.
  let [low, high] = positive.length === 0 ? [10, 3600] : [Number.MAX_VALUE, 0];
  for (const value of positive) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const widen = Math.max(1.35, Math.sqrt(8 / (high / low)));
  return [low / widen, high * widen];
}

export interface Tick {
  readonly seconds: number;
  readonly x: number;
  readonly text: string;
}

/** As many as fit at this distance. */
export function ticksOf(scale: Scale, apart: number): readonly Tick[] {
  const kept: Tick[] = [];
  for (const [seconds, text] of TICKS) {
    if (seconds < scale.low || seconds > scale.high) continue;
    const x = scale.x(seconds);
    if (kept.every((tick) => Math.abs(tick.x - x) >= apart)) kept.push({ seconds, x, text });
  }
  return kept.sort((a, b) => a.seconds - b.seconds);
}
