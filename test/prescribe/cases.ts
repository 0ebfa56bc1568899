/** Paths to prescribe for: deaths of test/report on a path whose timeout is told in the test. */
import type { Finding } from '../../src/judge/finding.ts';
import type { PathCase, PathKnown } from '../../src/prescribe/path-case.ts';
import type { PathFacts } from '../../src/report/analysis.ts';
import { death, path } from '../report/analyses.ts';

export const deaths = (...silent: readonly number[]): Finding[] =>
  silent.map((seconds, i) => death({ id: `f_${i}`, port: 40_000 + i, silent: seconds }));

type TimeoutTold = Pick<PathFacts['timeout'], 'lowSeconds' | 'highSeconds'> &
  Partial<PathFacts['timeout']>;

export interface Told {
  readonly timeout: TimeoutTold;
  readonly kills?: readonly Finding[];
  readonly closes?: readonly Finding[];
  readonly path?: Partial<PathFacts>;
  readonly others?: readonly PathKnown[];
}

export function pathCase({
  timeout,
  kills = [],
  closes = [],
  others = [],
  ...told
}: Told): PathCase {
  const estimated = {
    status: 'estimated',
    estimateSeconds: null,
    basis: null,
    reason: null,
  } as const;
  const known = path(kills, { ...told.path, timeout: { ...estimated, ...timeout } });
  return { path: known, kills, closes, others: [known, ...others] };
}
