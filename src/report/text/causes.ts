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

/** What the judge adds to the count of the tracker lasted long enough, but not ten round trips. */
function noSilenceMeans({ shortestNs, resetsByCause, counters }: Analysis): string {
  const means = `no silence of ${duration(shortestNs)} or more before it`;
  return (resetsByCause['no-silence'] ?? 0) > counters.resets.noSilence
    ? `${means}, or one of less than ten round trips`
    : means;
}

export function causeMeans(cause: ResetCause, analysis: Analysis): string {
  if (cause === 'abort') return abortMeans(analysis);
  if (cause === 'no-silence') return noSilenceMeans(analysis);
  return CAUSE_MEANS[cause];
}
