/**
 * Both sides of a box: what several capture points say together, or one about connections that came back changed.
 *
 * Runs on judgements of single records, before bursts are looked for, because a proof that a box did it rules a restarted
 * server out. Always true: one judgement a record, as before; ids stay; a proof is named in the finding's first
 * evidence; nothing here measures a silence on another clock than its own.
 */
import { shortNames } from '../../base/short-names.ts';
import { OUTCOME, SILENCE_KIND } from '../../base/silence.ts';
import type { Captured } from '../../dispatch/merge.ts';
import type { Judgement, Scene } from '../../judge/finding.ts';
import { byEnding, type Settled } from '../../judge/judge.ts';
import { withSwept } from './swept.ts';
import { readBirths } from './births.ts';
import type { SourceClock } from './clocks.ts';
import { clocksByLegs } from './leg-clock.ts';
import { settleCrossings } from './settle-crossings.ts';
import { settleReturns } from './settle-returns.ts';
import { settleLegs } from './settle-legs.ts';
import type { Ground } from './crossing.ts';
import { learnRoutes } from './routes.ts';
import { type Sighting, sightingOf } from './sighting.ts';
import { findTwins, NEAR_NS, type Twins } from './twins.ts';
import { linkTwins } from './link.ts';
import { type Watch, watchOf } from './watch.ts';

export interface Correlated extends Settled {
  /** One a source; empty unless the sources have clocks of their own. */
  readonly clocks: readonly SourceClock[];
}

/** `together`: the sources are captures of several vantages, each with a clock of its own. */
export interface Asked {
  readonly captured: Captured;
  readonly scene: Scene;
  readonly together: boolean;
}

const RECORDED: readonly number[] = [OUTCOME.killed, OUTCOME.closed, OUTCOME.open];

/** Would a silence have a record at a point that its connection crosses? Survivors are only sampled. */
function expectedAt({ record, point }: Sighting, there: number, ground: Expecting): boolean {
  if (record.kind !== SILENCE_KIND.packet || !RECORDED.includes(record.outcome)) return false;
  const last = ground.watch.lastNs(there);
  const start = ground.twins.clocks.common(point, record.startedAtNs);
  return last !== null && start !== null && last >= start + ground.shortestNs + NEAR_NS;
}

interface Expecting {
  readonly watch: Watch;
  readonly twins: Twins;
  readonly shortestNs: bigint;
}

function groundOf(sightings: readonly Sighting[], { captured, scene, together }: Asked): Ground {
  const twins = findTwins(sightings, captured, together);
  const watch = watchOf(captured, scene, twins.clocks);
  const expecting = { watch, twins, shortestNs: scene.shortestNs };
  const sourceOf = (point: number) => captured.capturePoints[point]?.source;
  const routes = learnRoutes({
    twins,
    sightings,
    oneClock: (a, b) => !together || sourceOf(a) === sourceOf(b),
    expected: (sighting, there) => expectedAt(sighting, there, expecting),
  });
  return { twins, clocks: twins.clocks, routes, watch };
}

/** A capture point's name, else that of its file. */
function placeNames({ capturePoints, sources }: Captured): (point: number) => string {
  const files = shortNames(sources.map(({ name }) => name));
  return (point) => {
    const place = capturePoints[point];
    return place?.name || files[place?.source ?? 0] || `capture point ${point}`;
  };
}

export function correlate(judgements: readonly Judgement[], asked: Asked): Correlated {
  const { captured, scene, together } = asked;
  const births = readBirths(captured.births);
  if (captured.capturePoints.length < 2 && births.count === 0) {
    return { judgements, scene, clocks: [] };
  }
  const sightings = judgements.map(({ record }, index) => sightingOf(record, index));
  const ground = groundOf(sightings, asked);
  const settled = [...judgements];
  const name = placeNames(captured);
  const work = { sightings, ground, settled, name, scene, proven: new Set<number>() };
  const swept = settleReturns(work, births);
  settleCrossings(work);
  const clocks = clocksByLegs(ground.clocks, settled, captured);
  settleLegs(settled, clocks);
  linkTwins(work);
  // A silence that was open until the connection came back ends earlier than it did before.
  if (births.count > 0) settled.sort((a, b) => byEnding(a.record, b.record));
  return {
    judgements: settled,
    scene: withSwept(scene, swept),
    clocks: together ? clocks.sources : [],
  };
}
