/**
 * What went on as before, after an instant: who answers then on a connection from before it has forgotten nothing.
 */
import type { SilenceRecord } from '../base/record.ts';
import { type Crowd, type Kill, placeOf } from './crowd.ts';
import type { Scene } from './finding.ts';
import { gathered, isMidPath } from './kills.ts';
import { olderAnsweredSoon } from './went-on-soon.ts';

/** The instant lies between the last silence's start and the first kill: connections from before that start were older. */
export const olderAnsweredAfter = (
  record: SilenceRecord,
  { firstGoneNs, lastSilentNs }: Pick<Crowd, 'firstGoneNs' | 'lastSilentNs'>,
  scene: Scene,
): boolean => olderAnsweredSoon(record, firstGoneNs, lastSilentNs, scene) === true;

/** Nothing that spans an instant was older: this kill cannot be part of a burst. Leaves few of a day's timeouts. */
export const olderAnsweredAfterKill = ({ record, goneNs }: Kill, scene: Scene): boolean =>
  olderAnsweredAfter(record, { firstGoneNs: goneNs, lastSilentNs: record.startedAtNs }, scene);

/** By place: each responder of which something was killed mid-path, at any time. */
export type BehindBoxes = ReadonlyMap<string, readonly SilenceRecord[]>;

/**
 * Of the responders behind boxes that kill, more went on, with a connection each at least, than connections were lost:
 * nobody forgot everything.
 */
export function mostWentOn({ kills, ...times }: Crowd, behind: BehindBoxes, scene: Scene): boolean {
  let wentOn = 0;
  for (const other of behind.get(placeOf((kills[0] as Kill).record)) ?? []) {
    if (!olderAnsweredAfter(other, times, scene)) continue;
    if (++wentOn > kills.length) return true;
  }
  return false;
}

export function behindBoxes(kills: readonly Kill[]): BehindBoxes {
  const found = new Map<string, readonly SilenceRecord[]>();
  for (const [place, some] of gathered(kills.filter(isMidPath), ({ record }) => placeOf(record))) {
    const records = new Map(some.map(({ service, record }) => [service, record]));
    found.set(place, [...records.values()]);
  }
  return found;
}
