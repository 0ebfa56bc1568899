/** What the steps of the correlation share: they settle judgements one after the other, each where the one before left them. */
import type { Judgement, Scene } from '../../judge/finding.ts';
import type { Ground } from './crossing.ts';
import type { Sighting } from './sighting.ts';

export interface Work {
  /** By index of their judgement. */
  readonly sightings: readonly Sighting[];
  readonly ground: Ground;
  /** Judgements as far as they are settled. */
  readonly settled: Judgement[];
  /** What a capture point is called. */
  readonly name: (point: number) => string;
  readonly scene: Scene;
  /** Indexes of judgements that a box is already proven for. */
  readonly proven: Set<number>;
}
