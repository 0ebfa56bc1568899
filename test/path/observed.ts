/** Evidence for the estimator, told as lengths: what survived, what was killed, and how. */
import type { Evidence, KillSeen } from '../../src/path/estimate/evidence.ts';
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
  const one = (seconds: number) => ({ seconds, killed: 0, survived: 1 });
  return {
    kills: killed.map((seconds, i) => kill(seconds, kills, i)),
    survivors: survived.map(one),
    survivorsAtLeast: survived.map(one),
    payloadSurvivors: (told.payloadSurvived ?? []).map(one),
    endpointTimers: told.timers ?? [],
  };
}

/** `count` lengths from one to another, evenly. */
export const lengths = (from: number, until: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => from + ((until - from) * i) / Math.max(1, count - 1));
