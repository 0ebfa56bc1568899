/** What programs logged, as programs read it. Only there with `--log`. */
import { rfc3339 } from '../base/units.ts';
import type { Analysis } from './analysis.ts';
import type { LogFacts, Logged } from './log/match.ts';
import type { FindingReport, Report } from './schema.ts';

/** Chosen: a connection that many lines tell of needs no more of them. */
const LINES = 20;

const logReport = ({ clock, strays, ...log }: LogFacts): NonNullable<Report['logs']>[number] => ({
  ...log,
  clock: {
    basis: clock.basis,
    offsetMinutes: clock.offsetMinutes,
    skewSeconds: clock.skewSeconds,
    sure: clock.isSure,
  },
  unexplainedLines: strays.map((stray) => ({ ...stray })),
});

export const logsReport = ({ logged }: Analysis): Pick<Report, 'logs'> =>
  logged === undefined ? {} : { logs: logged.logs.map(logReport) };

/** The lines beside one finding. */
export function logLines(logged: Logged | undefined, id: string): Pick<FindingReport, 'log'> {
  if (logged === undefined) return {};
  const lines = logged.byFinding.get(id) ?? [];
  return {
    log: lines.slice(0, LINES).map(({ atNs, ...line }) => ({ ...line, at: rfc3339(atNs) })),
  };
}
