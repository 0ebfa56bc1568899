/** `--log`: reads all logs, then matches them with what an analysis found. */
import { AppError } from '../../base/errors.ts';
import type { Mask } from '../anonymize/mask.ts';
import { maskLogged } from './mask.ts';
import { type Logged, matchLogs, type Told } from './match.ts';
import { type LogFile, readLog } from './read-log.ts';
import { parseZone } from './zone.ts';

export type LogMatcher = (told: Told, mask: Mask | null) => Logged;

/** Throws AppError for a zone that is none, and for a log that cannot be read. */
export async function logMatcher(
  paths: readonly string[],
  timezone: string | null,
  signal?: AbortSignal,
): Promise<LogMatcher> {
  const zone = timezone === null ? null : parseZone(timezone);
  if (paths.length === 0) {
    throw new AppError('E_USAGE', '--log-timezone goes with --log', 'give --log FILE as well');
  }
  const files: LogFile[] = [];
  for (const path of paths) files.push(await readLog(path, signal));
  return (told, mask) => {
    const logged = matchLogs(files, told, zone);
    return mask === null ? logged : maskLogged(logged, mask);
  };
}
