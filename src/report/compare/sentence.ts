/** What became of a path, in one sentence; and what makes that thin. */
import { count, durationOfSeconds as duration } from '../text/quantity.ts';
import type { Change, PathChange } from './change.ts';
import type { Interval, SidePath } from './side.ts';

/** "77.7 s (64.9 s to 92.9 s)", "at most 92.9 s", "at least 300 s", "not known". */
export function timeoutText(timeout: SidePath['timeout'] | undefined): string {
  if (timeout === undefined) return 'not known';
  const { estimateSeconds, lowSeconds: low, highSeconds: high } = timeout;
  if (low !== null && high !== null) {
    const interval = `${duration(low)} to ${duration(high)}`;
    return estimateSeconds === null ? interval : `${duration(estimateSeconds)} (${interval})`;
  }
  if (high !== null) return `at most ${duration(high)}`;
  return low === null ? 'not known' : `at least ${duration(low)}`;
}

function beyondText({ beyond }: PathChange): string {
  if (beyond === null || beyond.longestSeconds === null) return 'no silence that long was seen';
  const { count: survivors, seconds, longestSeconds } = beyond;
  const who = survivors === null ? 'silences' : count(Math.max(1, survivors), 'silence');
  const longest = `the longest of ${duration(longestSeconds)}`;
  return `${who} of more than ${duration(seconds)} survived, ${longest}`;
}

const kills = (path: SidePath | null): string =>
  path === null || path.killed === 0 ? 'none was cut' : count(path.killed, 'kill');

function worse({ before, after, newKills, shift }: PathChange): string {
  if (before === null) return `new here: ${kills(after)}, and BEFORE knows no such path`;
  if (before.killed === 0) return `${count(newKills, 'kill')} where none was before`;
  const shorter = shift === 'shorter' ? ['the box waits less than before'] : [];
  const early =
    newKills > 0 ? [`${count(newKills, 'kill')} after silences that the old timeout spared`] : [];
  const parts = [...shorter, ...early];
  const rate = `${count(before.killed, 'kill')} before, ${after?.killed ?? 0} now, in the time watched`;
  return parts.length > 0 ? parts.join('; ') : `connections die more often: ${rate}`;
}

const SENTENCES: Readonly<Record<Change, (path: PathChange) => string>> = {
  worse,
  unchanged: ({ before, after }) =>
    `still cut: ${kills(before)} before, ${after?.killed ?? 0} now; no change of the timeout is proven`,
  improved: (path) => {
    const why = path.shift === 'longer' ? 'the box waits longer' : 'fewer die an hour';
    return `better, not cured: ${why}, yet ${kills(path.after)} now; ${beyondText(path)}`;
  },
  untested: (path) => `none was cut now, but that proves little: ${beyondText(path)}`,
  fixed: (path) => `fixed: none was cut now, and ${beyondText(path)}`,
  'kept-alive': ({ after }) =>
    `kept alive: probes every ${duration(after?.probedEverySeconds ?? 0)} were answered before ` +
    'the old timeout, and none was cut; the box itself may be as it was',
  quiet: () => 'none was cut, before or now',
  appeared: () => 'only in AFTER; none was cut',
  vanished: ({ before }) =>
    `only in BEFORE (${kills(before)}): nothing spoke on it, or no silence was long enough to see`,
};

export const sentenceOf = (path: PathChange): string => SENTENCES[path.change](path);

/** Chosen: below this many kills or survivors one more may change the picture. */
const FEW = 3;

const isOpen = ({ lowSeconds, highSeconds }: Interval): boolean =>
  lowSeconds === null || highSeconds === null;

function notesOnT(path: SidePath | null, name: string): string[] {
  if (path === null || path.killed === 0 || !isOpen(path.timeout)) return [];
  const { reason } = path.timeout;
  const why = reason === null ? '' : ` (${reason})`;
  return [`${name} gives no interval for the timeout${why}`];
}

export function notesOf(path: PathChange): string[] {
  const { before, after, beyond } = path;
  const few = (side: SidePath | null, name: string) =>
    side !== null && side.killed > 0 && side.killed < FEW
      ? [`${name} has only ${count(side.killed, 'kill')}`]
      : [];
  const chance =
    path.change === 'untested' && beyond !== null && beyond.longestSeconds !== null
      ? [`${Math.round(beyond.chance * 100)} % chance of such survivors if nothing was changed`]
      : [];
  const byPlace =
    path.matchedBy === 'responder'
      ? ['matched by server, port and first speaker: the ids differ']
      : [];
  return [
    ...few(before, 'BEFORE'),
    ...few(after, 'AFTER'),
    ...notesOnT(before, 'BEFORE'),
    ...notesOnT(after, 'AFTER'),
    ...chance,
    ...byPlace,
  ];
}
