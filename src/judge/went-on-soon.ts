/** Was a connection older than a silence answered after it had ended? Then nobody restarted or failed over meanwhile. */
import type { SilenceRecord } from '../base/record.ts';
import { NS_PER_SECOND } from '../base/units.ts';
import type { Scene } from './finding.ts';

/** Chosen: what goes on as before is heard within the hour, and an hour is looked up quickly. */
const SOON_NS = 3600n * NS_PER_SECOND;

/** Within one second nobody knows what came first. */
export const nextSecond = (ns: bigint): bigint => (ns / NS_PER_SECOND + 1n) * NS_PER_SECOND;

/** Null where the capture ends before that, or nothing was kept of the responder. */
export function olderAnsweredSoon(
  record: SilenceRecord,
  afterNs: bigint,
  olderThanNs: bigint,
  scene: Scene,
): boolean | null {
  const from = nextSecond(afterNs);
  const end = scene.captureEndNs(record.capturePoint);
  const until = from + SOON_NS < end ? from + SOON_NS : end;
  return until < from ? null : scene.responderAnswered(record, from, until, olderThanNs);
}
