/** Paths by how much they hurt: most kills by a box first; timers of endpoints are no box's fault. */
import type { FindingReport, PathReport } from '../../src/report/schema.ts';

const isTimer = ({ timeout }: PathReport): boolean => timeout.reason === 'endpoint-timer';

export const worstFirst = <P extends PathReport>(paths: readonly P[]): readonly P[] =>
  [...paths].sort(
    (a, b) => +isTimer(a) - +isTimer(b) || b.killed - a.killed || b.survived - a.survived,
  );

/** Something ends silent connections here, a box or a timer of an endpoint. */
export const isTold = (path: PathReport): boolean => path.killed > 0 || isTimer(path);

/** Lengths of the silences of a path that a timer of an endpoint ended. */
export const closesOn = (path: PathReport, findings: readonly FindingReport[]): readonly number[] =>
  findings
    .filter((finding) => finding.path === path.id && finding.verdict === 'endpoint-timer')
    .map(({ silence }) => silence.seconds);
