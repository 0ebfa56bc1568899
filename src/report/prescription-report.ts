/** A prescription as programs read it. */
import { seconds } from '../base/units.ts';
import type { PathCase } from '../prescribe/path-case.ts';
import { type Prescription, prescribe, type Remedy } from '../prescribe/prescription.ts';
import { whatIf } from '../prescribe/what-if.ts';
import type { PathReport } from './schema.ts';

export type Advised = Pick<
  PathReport,
  'keepalive' | 'hints' | 'remarks' | 'remedy' | 'timerRemedy' | 'whatIf'
>;

const remedyReport = (remedy: Remedy): NonNullable<Advised['remedy']> => ({
  keepaliveTimeSeconds: remedy.idleSeconds,
  keepaliveIntervalSeconds: remedy.intervalSeconds,
  keepaliveProbes: remedy.probes,
  userTimeoutSeconds: remedy.userTimeoutSeconds,
  side: remedy.probing.side,
  sideBecause: remedy.probing.because,
  safeSeconds: remedy.safe.seconds,
  basis: remedy.safe.from,
  provisional: remedy.safe.isProvisional,
  stack: remedy.stack,
  stackFrom: remedy.stackFrom,
  lines: [...remedy.lines],
});

const timerReport = ({ timerLines }: Prescription): Advised['timerRemedy'] =>
  timerLines === null ? null : { lines: [...timerLines] };

export function prescriptionReport(sought: PathCase, whatIfNs: readonly bigint[]): Advised {
  const prescription = prescribe(sought);
  return {
    keepalive: { ...prescription.keepalive },
    hints: [...prescription.hints],
    remarks: [...prescription.remarks],
    remedy: prescription.remedy === null ? null : remedyReport(prescription.remedy),
    timerRemedy: timerReport(prescription),
    whatIf: whatIfNs.map((every) => whatIf(sought, seconds(every))),
  };
}
