/**
 * The silences of a path in a bounded list: one by one, or in bins 1 % wide for each outcome where
 * they are many.
 *
 * Those of which nobody knows how they went on stand apart, always in bins. Kills are exact. Survivors were counted in bins (path/bins.ts), each told by its longest, which is
 * exact; the others of that bin are shorter by less than 1 %.
 */
import type { ObservedSilences } from '../path/facts.ts';
import type { PathReport } from './schema.ts';

export const POINTS_AT_MOST = 5000;
const BIN_ERROR = 0.01;

type Observations = NonNullable<PathReport['observations']>;

const STEP = Math.log(1 + BIN_ERROR);

/** 1.01^b seconds to 1.01^(b+1). */
const binOf = (seconds: number): number => Math.floor(Math.log(Math.max(seconds, 1e-9)) / STEP);

function binned(observed: readonly ObservedSilences[]): NonNullable<Observations['bins']> {
  const bins = new Map<string, { bin: number; outcome: string; count: number }>();
  for (const { seconds, outcome, count } of observed) {
    const bin = binOf(seconds);
    const key = `${bin} ${outcome}`;
    const known = bins.get(key);
    if (known === undefined) bins.set(key, { bin, outcome, count });
    else known.count += count;
  }
  return [...bins.values()]
    .sort((a, b) => a.bin - b.bin || (a.outcome < b.outcome ? -1 : 1))
    .map(({ bin, outcome, count }) => ({
      fromSeconds: Math.exp(bin * STEP),
      untilSeconds: Math.exp((bin + 1) * STEP),
      outcome,
      count,
    }));
}

export function observationsReport(
  observed: readonly ObservedSilences[],
  undecided: readonly ObservedSilences[],
): Observations {
  const silences = observed.reduce((sum, { count }) => sum + count, 0);
  const rest = { binErrorShare: BIN_ERROR, undecided: binned(undecided) };
  if (silences > POINTS_AT_MOST) return { points: null, bins: binned(observed), ...rest };
  const points: [number, string][] = [];
  for (const { seconds, outcome, count } of observed) {
    for (let i = 0; i < count; i++) points.push([seconds, outcome]);
  }
  return { points, bins: null, ...rest };
}
