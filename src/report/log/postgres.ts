/**
 * PostgreSQL's stderr log. log_line_prefix is the operator's own, so the time (%m, %t, %s, or %n as
 * Unix time) may stand behind a user, a process or a host; what gives the line away is its severity.
 * csvlog begins with the same time. Zones are abbreviations: UTC and GMT are taken, others are not
 * unique ("CST" is in China and in America) and left to be found out.
 */
import { isoTime } from './iso-time.ts';
import { epochTime, type WrittenTime } from './written-time.ts';

const SEVERITY =
  /[:,\s](?:DEBUG[1-5]?|INFO|NOTICE|WARNING|ERROR|LOG|FATAL|PANIC|DETAIL|HINT|CONTEXT|STATEMENT)[:,]/;
const UNIX_TIME = /(?<![\d.])(\d{10}\.\d{3})(?![\d.])/;

/** Chosen: no prefix is longer. */
const PREFIX = 300;

export function postgresTime(line: string): WrittenTime | null {
  const head = line.slice(0, PREFIX);
  const severity = SEVERITY.exec(head);
  if (severity === null) return null;
  const prefix = head.slice(0, severity.index + 1);
  const unix = UNIX_TIME.exec(prefix);
  return isoTime(prefix) ?? (unix === null ? null : epochTime(Number(unix[1])));
}
