/** A path's silences by length and outcome: what a reader can draw, and check an estimate with. */
import { seconds } from '../base/units.ts';
import type { ObservedSilences } from './facts.ts';
import type { Page } from './page.ts';
import type { Survivors } from './survivors.ts';
import type { UndecidedBin } from './undecided.ts';

const bySeconds = (a: ObservedSilences, b: ObservedSilences): number =>
  a.seconds - b.seconds || (a.outcome < b.outcome ? -1 : a.outcome > b.outcome ? 1 : 0);

/** Kills one by one, survivors by bin, at the longest of it. */
export function observedOn(pages: readonly Page[]): readonly ObservedSilences[] {
  const killed = pages.flatMap(({ kills }) =>
    kills.map((kill) => ({ seconds: kill.seconds, outcome: kill.signature, count: 1 })),
  );
  const survived = pages.flatMap(({ survivors }) => survivors.flatMap(survivedIn));
  return [...killed, ...survived].sort(bySeconds);
}

function survivedIn({ longest, counts }: Survivors): ObservedSilences[] {
  return Array.from(longest, (length, i) => ({
    seconds: length,
    outcome: 'survived',
    count: counts[i] as number,
  }));
}

/** Open and unobserved ones, by bin, at the longest of it. */
export const undecidedIn = (bins: readonly UndecidedBin[]): readonly ObservedSilences[] =>
  bins
    .map(({ longestNs, outcome, count }) => ({ seconds: seconds(longestNs), outcome, count }))
    .sort(bySeconds);
