/** Numbers as a person reads them. */
import { NS_PER_SECOND, rfc3339, seconds } from '../../base/units.ts';

export const number = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

/** "1 connection", "16 connections". */
export const count = (value: number, noun: string, plural = `${noun}s`): string =>
  `${number(value)} ${value === 1 ? noun : plural}`;

export const percent = (share: number): string => `${Math.round(share * 100)} %`;

const MINUTE = 60;
const HOUR = 3600;

/** Timeouts are compared in seconds, so seconds they stay up to two hours. */
export function duration(ns: bigint): string {
  const value = seconds(ns);
  if (ns === 0n) return '0 s';
  if (value < 0.0005) return `${Math.round(value * 1e6)} µs`;
  if (value < 1) return `${Number((value * 1000).toPrecision(3))} ms`;
  if (value < 600) return `${Number(value.toFixed(1))} s`;
  if (value < 2 * HOUR) return `${number(Math.round(value))} s`;
  const minutes = Math.round(value / MINUTE);
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor((minutes % 1440) / 60);
  return days > 0 ? `${days} d ${hours} h` : `${hours} h ${minutes % 60} min`;
}

/** "6 s", or "89.9 s to 90.1 s". */
export function durations(least: bigint, most: bigint): string {
  const [from, to] = [duration(least), duration(most)];
  return from === to ? from : `${from} to ${to}`;
}

/** The same with as many digits in every row, so that the rows of a column compare. */
export const durationInColumn = (ns: bigint): string =>
  duration(ns).replace(/^(\d+) s$/, (whole, digits: string) =>
    seconds(ns) < 600 ? `${digits}.0 s` : whole,
  );

export const durationOfSeconds = (value: number): string =>
  duration(BigInt(Math.round(value * 1e9)));

/** "2014-11-14 12:52:00 UTC" */
export const dayAndTime = (ns: bigint): string =>
  `${rfc3339(ns).slice(0, 19).replace('T', ' ')} UTC`;

export const day = (ns: bigint): string => rfc3339(ns).slice(0, 10);

/** "12:52:00.356", in UTC. */
export const timeOfDay = (ns: bigint): string => rfc3339(ns).slice(11, 23);

export const sameDay = (a: bigint, b: bigint): boolean =>
  a / (86_400n * NS_PER_SECOND) === b / (86_400n * NS_PER_SECOND);
