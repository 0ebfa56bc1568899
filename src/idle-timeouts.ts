/**
 * Where doctor and check take the idle timeout from: told, or from the paths of a report, or
 * assumed.
 */
import { AppError } from './base/errors.ts';
import { ASSUMED, type IdlePath, type IdleTimeout } from './host/idle-timeout.ts';
import type { SavedPath, SavedReport } from './saved-report.ts';

/**
 * The lower end of its interval, as everything that is set against T; where only an upper end is
 * known, a third of it, as `deadair read` advises.
 */
function secondsOf({ lowSeconds, highSeconds }: SavedPath): number | null {
  if (lowSeconds !== null && highSeconds !== null) return lowSeconds;
  return highSeconds === null ? null : highSeconds / 3;
}

function idlePath(path: SavedPath): IdlePath[] {
  const seconds = secondsOf(path);
  if (seconds === null || seconds <= 0) return [];
  return [{ network: path.network, port: path.port, seconds: Math.round(seconds * 1000) / 1000 }];
}

/** A path on which nothing was killed has no T: it says nothing here. */
export function idleFromReport({ paths }: SavedReport): IdleTimeout {
  const known = paths.flatMap(idlePath);
  if (known.length === 0) return { ...ASSUMED, from: 'report-without' };
  const shortest = Math.min(...known.map(({ seconds }) => seconds));
  return { seconds: shortest, from: 'report', paths: known };
}

export function idleFromFlag(seconds: number): IdleTimeout {
  return { seconds, from: 'flag', paths: [] };
}

export function refuseBoth(timeout: string, hasTimeout: boolean, hasReport: boolean): void {
  if (!hasTimeout || !hasReport) return;
  throw new AppError(
    'E_USAGE',
    `--${timeout} and --report exclude each other`,
    'a report brings a timeout of its own for each path',
  );
}
