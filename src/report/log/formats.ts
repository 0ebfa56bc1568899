/** The formats of logs, the most particular first: who says when a line was written. */
import { anyTime } from './any-time.ts';
import { mongoJsonTime } from './mongo-json.ts';
import { mongoTextTime } from './mongo-text.ts';
import { postgresTime } from './postgres.ts';
import { syslogTime } from './syslog.ts';
import type { WrittenTime } from './written-time.ts';

export const LOG_FORMATS = ['mongodb-json', 'mongodb', 'syslog', 'postgresql', 'other'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

const READERS: Readonly<Record<LogFormat, (line: string) => WrittenTime | null>> = {
  'mongodb-json': mongoJsonTime,
  mongodb: mongoTextTime,
  syslog: syslogTime,
  postgresql: postgresTime,
  other: anyTime,
};

export interface TimedLine {
  readonly format: LogFormat;
  readonly time: WrittenTime;
}

export function timeOfLine(line: string): TimedLine | null {
  for (const format of LOG_FORMATS) {
    const time = READERS[format](line);
    if (time !== null) return { format, time };
  }
  return null;
}
