/**
 * `deadair doctor`: what on this host would let a box kill connections, or looks like it. Changes
 * nothing.
 */
import { EXIT } from './base/errors.ts';
import { seconds } from './base/units.ts';
import { Settings } from './config.ts';
import { adviceFor } from './doctor-advice.ts';
import { ASSUMED, type IdleTimeout } from './host/idle-timeout.ts';
import { machineAt } from './host/machine.ts';
import { surveyOf } from './host/survey.ts';
import { idleFromFlag, idleFromReport, refuseBoth } from './idle-timeouts.ts';
import { savedReport } from './saved-report.ts';
import type { Terminal } from './terminal.ts';

type Flags = Readonly<Record<string, unknown>>;

function idleAsked(settings: Settings): IdleTimeout {
  const report = settings.text('report');
  const hasTimeout = settings.text('timeout') !== null;
  refuseBoth('timeout', hasTimeout, report !== null);
  if (hasTimeout) return idleFromFlag(seconds(settings.duration('timeout', 0n)));
  return report === null ? ASSUMED : idleFromReport(savedReport(report));
}

export async function doctor(flags: Flags, terminal: Terminal): Promise<number> {
  const settings = new Settings(flags, terminal.env);
  const idle = idleAsked(settings);
  const machine = machineAt(settings.text('proc-root') ?? '');
  const survey = await surveyOf(machine, idle, adviceFor(idle.seconds));
  if (settings.on('json')) {
    const { doctorDocument } = await import('./host/document.ts');
    const { jsonText } = await import('./report/document.ts');
    await terminal.out(jsonText(doctorDocument(survey, new Date().toISOString())));
  } else {
    const { doctorText } = await import('./doctor-text.ts');
    const { pageFor } = await import('./report/text/surface.ts');
    const colour =
      flags['color'] !== false && !terminal.env['NO_COLOR'] && terminal.env['TERM'] !== 'dumb';
    await terminal.out(doctorText(survey, pageFor({ columns: terminal.columns, colour })));
  }
  const isSick = survey.findings.some(({ severity }) => severity !== 'note');
  return settings.on('fail-on-findings') && isSick ? EXIT.findings : EXIT.ok;
}
