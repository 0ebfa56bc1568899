/**
 * What each cause of a reset means in this analysis. Silences below --shortest are not looked at,
 * so nothing is claimed of them: neither that there were none, nor that no box cut them.
 */
import type { ResetCause } from '../../judge/finding.ts';
import type { Analysis } from '../analysis.ts';
import { CAUSE_MEANS } from '../words.ts';
import { duration, number } from './quantity.ts';

/** How many came without a silence worth a record; the others have been looked at with theirs. */
function withoutSilence({ resetsByCause, counters }: Analysis, cause: 'abort' | 'no-silence') {
  const all = resetsByCause[cause] ?? 0;
  return cause === 'abort' ? Math.min(all, counters.resets.abort) : all;
}

/** Resets of which some may be kills after silences that were too short to be looked at. */
export const notLookedAt = (analysis: Analysis): number =>
  withoutSilence(analysis, 'no-silence') + withoutSilence(analysis, 'abort');

function abortMeans(analysis: Analysis): string {
  const limit = `${duration(analysis.shortestNs)} or more`;
  const all = analysis.resetsByCause.abort ?? 0;
  const early = withoutSilence(analysis, 'abort');
  const form = "in the form of a live program's own reset";
  if (early === all) return `no silence of ${limit} before it, and ${form}`;
  if (early === 0) return `after a silence, but ${form}: no timeout of a box`;
  const late = `${number(all - early)} after a silence: no timeout of a box`;
  return `${form}; ${number(early)} had no silence of ${limit} before them, ${late}`;
}

export function causeMeans(cause: ResetCause, analysis: Analysis): string {
  if (cause === 'abort') return abortMeans(analysis);
  if (cause === 'no-silence')
    return `no silence of ${duration(analysis.shortestNs)} or more before it`;
  return CAUSE_MEANS[cause];
}
