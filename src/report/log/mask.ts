/**
 * What logs said, under `--anonymize`: when, where and which error, but not the line. It may hold
 * names of hosts and of people, which no rule finds.
 */
import type { Mask } from '../anonymize/mask.ts';
import type { Logged, LoggedLine } from './match.ts';

const LEFT_OUT = '(left out: --anonymize)';

const maskLine = (line: LoggedLine, mask: Mask): LoggedLine => ({
  ...line,
  source: mask.text(line.source),
  text: LEFT_OUT,
});

export function maskLogged({ logs, byFinding }: Logged, mask: Mask): Logged {
  return {
    logs: logs.map((log) => ({
      ...log,
      source: mask.text(log.source),
      strays: log.strays.map((stray) => ({ ...stray, text: LEFT_OUT })),
    })),
    byFinding: new Map(
      [...byFinding].map(([id, lines]) => [mask.id(id), lines.map((line) => maskLine(line, mask))]),
    ),
  };
}
