/**
 * The clock of a capture that shares no packet with the first one, because a proxy stands between: told by lives.
 *
 * Both legs of a conversation are opened and closed within moments, so they live equally long and are idle equally long;
 * the difference of their closes is then the same for all pairs. Believed only from four pairs on that agree.
 */
import type { Captured } from '../../dispatch/merge.ts';
import { payloadIdleNs } from '../../judge/connection.ts';
import type { Judgement } from '../../judge/finding.ts';
import { gather } from '../rows.ts';
import { type Clocks, median, withClock } from './clocks.ts';

interface Life {
  readonly source: number;
  readonly endedBy: number;
  readonly endNs: bigint;
  readonly lifeNs: bigint;
  readonly idleNs: bigint;
}

/** Chosen: a proxy opens its second connection within milliseconds, and closes both in one turn. */
const GRAIN_NS = 20_000_000n;
const AGREE_NS = 10_000_000n;
const LEAST = 4;

function livesOf(judgements: readonly Judgement[], captured: Captured): Life[] {
  return judgements.flatMap(({ record, finding }) => {
    const idleNs = payloadIdleNs(record);
    if (finding?.signature !== 'idle-close' || idleNs === null) return [];
    const source = captured.capturePoints[record.capturePoint]?.source ?? 0;
    const lifeNs = record.endingAtNs - record.flowStartedAtNs;
    return [{ source, endedBy: record.endingBy, endNs: record.endingAtNs, lifeNs, idleNs }];
  });
}

const near = (a: bigint, b: bigint): boolean => (a < b ? b - a : a - b) < GRAIN_NS;

/** How far apart the closes of lives alike are: one difference a pair that could be one. */
function differences(here: readonly Life[], there: readonly Life[]): bigint[] {
  const byLife = new Map<bigint, Life[]>();
  for (const life of here) gather(byLife, life.lifeNs / GRAIN_NS, life);
  return there.flatMap((life) => {
    const grain = life.lifeNs / GRAIN_NS;
    const alike = [grain - 1n, grain, grain + 1n]
      .flatMap((one) => byLife.get(one) ?? [])
      .filter((one) => one.endedBy !== life.endedBy)
      .filter((one) => near(one.lifeNs, life.lifeNs) && near(one.idleNs, life.idleNs));
    const [only, second] = alike;
    return only === undefined || second !== undefined ? [] : [life.endNs - only.endNs];
  });
}

export function clocksByLegs(
  clocks: Clocks,
  judgements: readonly Judgement[],
  captured: Captured,
): Clocks {
  const lives = livesOf(judgements, captured);
  const known = lives.filter(({ source }) => source === 0);
  return clocks.sources.reduce((told, { source, offsetNs }) => {
    if (offsetNs !== null) return told;
    const apart = differences(
      known,
      lives.filter((life) => life.source === source),
    );
    const middle = median(apart);
    if (middle === null) return told;
    const agreeing = apart.filter((one) => one - middle < AGREE_NS && middle - one < AGREE_NS);
    if (agreeing.length < LEAST || agreeing.length * 2 < apart.length) return told;
    const clock = {
      source,
      offsetNs: middle,
      matched: agreeing.length,
      throughProxy: true,
    } as const;
    return withClock(told, clock, captured);
  }, clocks);
}
