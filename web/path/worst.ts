/** Paths by how much they hurt: most kills by a box first; timers of endpoints are no box's fault. */
import type { PathReport } from '../../src/report/schema.ts';

const isTimer = ({ timeout }: PathReport): boolean => timeout.reason === 'endpoint-timer';

export const worstFirst = <P extends PathReport>(paths: readonly P[]): readonly P[] =>
  [...paths].sort(
    (a, b) => +isTimer(a) - +isTimer(b) || b.killed - a.killed || b.survived - a.survived,
  );
