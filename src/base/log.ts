/**
 * The log of the service: one JSON object a line on stderr. The message never varies, fields carry units, and there is
 * never a line a packet. What repeats for as long as something is away goes through `quieted`.
 */
import { destination, pino } from 'pino';

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'];

/** `role`: the process that speaks. DEADAIR_LOG_LEVEL: debug, info (default), warn, error, silent. */
export function openLog(
  role: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Log {
  const asked = env['DEADAIR_LOG_LEVEL'] ?? '';
  const level = LEVELS.includes(asked) ? asked : 'info';
  // Synchronous: the line that says why a process ends must not be lost with it.
  const to = destination({ fd: 2, sync: true });
  return pino(
    { level, base: { role, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    to,
  );
}

export const NO_LOG: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Chosen. */
const QUIET_MS = 60_000;

export interface Quieted {
  /** Something is wrong: told at once, then once a minute with how often it was. */
  trouble(fields: object, message: string): void;
  /** It is over: told if its beginning was. */
  over(message: string): void;
}

export function quieted(log: Log, everyMs = QUIET_MS): Quieted {
  let toldAt: number | null = null;
  let untold = 0;
  return {
    trouble(fields, message) {
      const now = performance.now();
      if (toldAt !== null && now - toldAt < everyMs) {
        untold++;
        return;
      }
      log.warn({ ...fields, repeated: untold }, message);
      [toldAt, untold] = [now, 0];
    },
    over(message) {
      if (toldAt === null) return;
      log.info({ repeated: untold }, message);
      [toldAt, untold] = [null, 0];
    },
  };
}
