/** MongoDB 4.4 and later: one JSON object a line, `{"t":{"$date":"2020-05-20T19:18:40.604+00:00"},…`. */
import { ISO, isoMatched } from './iso-time.ts';
import type { WrittenTime } from './written-time.ts';

const HEAD = new RegExp(`^\\{ ?"t" ?: ?\\{ ?"\\$date" ?: ?"${ISO}"`);

export function mongoJsonTime(line: string): WrittenTime | null {
  const match = HEAD.exec(line);
  return match === null ? null : isoMatched(match);
}
