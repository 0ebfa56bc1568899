/**
 * Every silence judged: the gate first, then the signatures one by one, then what only many records together show.
 *
 * Always true: one judgement a record; every reset in it has a cause; the answer does not depend on the order in
 * which records arrive. A rule sees one record and the scene; idle-close, half-closed and burst see all
 * judgements.
 */
import type { SilenceRecord } from '../base/record.ts';
import { OUTCOME, SILENCE_KIND } from '../base/silence.ts';
import { blackhole } from './blackhole.ts';
import { type Judged, findBursts } from './burst.ts';
import { explained } from './compose.ts';
import { expiryFin } from './expiry-fin.ts';
import { expiryReset } from './expiry-reset.ts';
import type { Judgement, Scene } from './finding.ts';
import { gate } from './gate.ts';
import { halfClosedKills } from './half-closed.ts';
import { idleClose } from './idle-close.ts';
import { byEnding, lastMoment } from './ending-order.ts';
import { lateReset } from './late-reset.ts';
import { type Closes, NO_CLOSES } from './plain-close.ts';
import { vouched } from './vouched.ts';

export { byEnding };

/** What else may settle judgements, and tell of the scene, before bursts are looked for: both sides of a box. */
export interface Settled {
  readonly judgements: readonly Judgement[];
  readonly scene: Scene;
}

export type Settle = (judgements: readonly Judgement[]) => Settled;

/** `closes`: records that are not among the others; those of a timer come back as judgements. */
export function judge(
  records: Iterable<SilenceRecord>,
  scene: Scene,
  settle: Settle = (judgements) => ({ judgements, scene }),
  closes: Closes = NO_CLOSES,
): Judged {
  const single = inOrder(records).map((record) => judgeOne(record, scene));
  const settled = settle(vouched(halfClosedKills(idleClose(single, closes, scene), scene), scene));
  return findBursts(settled.judgements, settled.scene);
}

/** One record without its fellows: what a live view can say at once. */
export const judgeOne = (record: SilenceRecord, scene: Scene): Judgement =>
  gate(record, scene) ?? signature(record, scene) ?? unremarkable(record);

function signature(record: SilenceRecord, scene: Scene): Judgement | null {
  if (record.kind === SILENCE_KIND.payload) return null;
  return (
    expiryFin(record) ??
    expiryReset(record) ??
    lateReset(record, scene) ??
    (record.outcome === OUTCOME.killed ? blackhole(record, scene) : null)
  );
}

/** Closed by its own ends: a FIN, or the abort of a live socket. */
const unremarkable = (record: SilenceRecord): Judgement => explained(record, 'closed', 'abort');

/**
 * Most moments differ by more than the 256 ns that a double loses: a number decides first, then the exact order. They come
 * nearly in order, which a merge sort uses.
 */
function inOrder(records: Iterable<SilenceRecord>): readonly SilenceRecord[] {
  const all = Array.from(records);
  const moments = Float64Array.from(all, (record) => Number(lastMoment(record)));
  const moment = (i: number): number => moments[i] as number;
  const record = (i: number): SilenceRecord => all[i] as SilenceRecord;
  const order = all.map((_, i) => i);
  order.sort((a, b) => moment(a) - moment(b) || byEnding(record(a), record(b)));
  return order.map(record);
}
