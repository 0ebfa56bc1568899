/**
 * One endpoint that hangs must not hold up the deliveries of the others.
 *
 * Every subscription has a lane of a certain width, so that no one takes all of the sender; while its
 * endpoint is slow or fails to answer the lane is narrow. Who finds it full comes back a little later.
 */
/** Chosen: half of what the sender does at once. */
export const WIDE = 64;
const NARROW = 8;
const WIDE_WAIT_MS = 100;
const NARROW_WAIT_MS = 2000;
/** Chosen: an endpoint that takes longer is slow. */
const SLOW_MS = 2000;

interface Lane {
  inside: number;
  troubled: boolean;
}

export class Lanes {
  readonly #lanes = new Map<string, Lane>();

  /** Null: go ahead. Else come back after so many milliseconds. */
  busyFor(webhook: string): number | null {
    const { inside, troubled } = this.#lanes.get(webhook) ?? { inside: 0, troubled: false };
    if (inside >= WIDE) return WIDE_WAIT_MS;
    return troubled && inside >= NARROW ? NARROW_WAIT_MS : null;
  }

  /** What it returns is to be called when the endpoint has answered, or has not. */
  enter(webhook: string): (answered: boolean) => void {
    const lane = this.#lanes.get(webhook) ?? { inside: 0, troubled: false };
    const from = performance.now();
    lane.inside++;
    this.#lanes.set(webhook, lane);
    return (answered) => {
      lane.inside--;
      lane.troubled = !answered || performance.now() - from > SLOW_MS;
      if (lane.inside === 0 && !lane.troubled) this.#lanes.delete(webhook);
    };
  }
}
