/**
 * The files of a spool: numbered segments that only grow, and a note of how far they were passed on. A segment that is
 * passed on whole is deleted.
 */
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** In front of the record at `offset`. Segments are numbered upwards, with gaps. */
export interface Position {
  readonly segment: number;
  readonly offset: number;
}

export const isBefore = (a: Position, b: Position): boolean =>
  a.segment < b.segment || (a.segment === b.segment && a.offset < b.offset);

export const segmentPath = (folder: string, segment: number): string =>
  join(folder, `${String(segment).padStart(16, '0')}.spool`);

export interface Segment {
  readonly number: number;
  readonly bytes: number;
}

export function segmentsOf(folder: string): Segment[] {
  return readdirSync(folder)
    .flatMap((name) => /^(\d{16})\.spool$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
    .map((number) => ({ number, bytes: statSync(segmentPath(folder, number)).size }));
}

const notePath = (folder: string): string => join(folder, 'passed-on.json');

/** The very beginning where there is no note, or none that can be read: passing on twice does no harm. */
export function readPassedOn(folder: string): Position {
  try {
    const { segment, offset } = JSON.parse(readFileSync(notePath(folder), 'utf8')) as Position;
    if (Number.isSafeInteger(segment) && Number.isSafeInteger(offset)) return { segment, offset };
  } catch {
    // as if it were not there
  }
  return { segment: 0, offset: 0 };
}

export function writePassedOn(folder: string, position: Position): void {
  const part = `${notePath(folder)}.part`;
  writeFileSync(part, JSON.stringify(position), { mode: 0o600 });
  renameSync(part, notePath(folder));
}

export const deleteSegment = (folder: string, segment: number): void =>
  rmSync(segmentPath(folder, segment), { force: true });
