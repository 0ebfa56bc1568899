/** Evidence for the estimator, told as lengths: what survived, what was killed, and how. */
import type { Evidence, KillSeen } from '../../src/path/estimate/evidence.ts';
import { type Ladder, ladder } from '../../src/path/estimate/ladder.ts';
import type { Lengths } from '../../src/path/estimate/lengths.ts';
import { ns } from '../judge/records.ts';

/** Each kill at a time of its own, far from the others. */
export const kill = (seconds: number, changes: Partial<KillSeen> = {}, index = 0): KillSeen => ({
  seconds,
  payloadSeconds: seconds,
  atExpiry: false,
  proven: true,
  startedAtNs: ns(index * 1e6),
  goneAtNs: ns(index * 1e6 + seconds),
  outlived: null,
  ...changes,
});

export interface Told {
  readonly survived?: readonly number[];
  readonly killed?: readonly number[];
  /** Holds for every kill. */
  readonly kills?: Partial<KillSeen>;
  readonly payloadSurvived?: readonly number[];
  readonly timers?: readonly number[];
}

export function evidence({ survived = [], killed = [], kills = {}, ...told }: Told): Evidence {
  return {
    kills: killed.map((seconds, i) => kill(seconds, kills, i)),
    survivors: oneEach(survived),
    survivorsAtLeast: oneEach(survived),
    payloadSurvivors: oneEach(told.payloadSurvived ?? []),
    endpointTimers: told.timers ?? [],
  };
}

const oneEach = (seconds: readonly number[]): Lengths => ({
  seconds: Float64Array.from(seconds),
  counts: Float64Array.from(seconds, () => 1),
});

/** So many silences of a length. */
export interface Observation {
  readonly seconds: number;
  readonly killed: number;
  readonly survived: number;
}

export const ladderOf = (all: readonly Observation[]): Ladder =>
  ladder({
    survived: {
      seconds: Float64Array.from(all, ({ seconds }) => seconds),
      counts: Float64Array.from(all, ({ survived }) => survived),
    },
    killed: Float64Array.from(
      all.flatMap(({ seconds, killed }) => Array.from({ length: killed }, () => seconds)),
    ),
  });

/** `count` lengths from one to another, evenly. */
export const lengths = (from: number, until: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => from + ((until - from) * i) / Math.max(1, count - 1));
