/**
 * One endpoint that hangs must not hold up the deliveries of the others.
 *
 * Every subscription has a lane of a certain width, so that no one takes all of the sender; while its
 * endpoint is slow or fails to answer the lane is narrow, and who finds it full comes back later.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** Chosen: of what the sender does at once, which is a third more. */
export const WIDE = 96;
const NARROW = 8;
const NARROW_WAIT_MS = 2000;
/** Chosen: an endpoint that takes longer is slow. */
const SLOW_MS = 1000;
/** A healthy endpoint makes room within milliseconds: that is waited for here, not by way of the queue. */
const LOOK_MS = 5;

interface Lane {
  /** When each that is inside went in. */
  readonly inside: Set<{ readonly from: number }>;
  troubled: boolean;
}

const fresh = (): Lane => ({ inside: new Set(), troubled: false });

/** In order of entering: the first has been there longest. */
const isSlow = ({ inside, troubled }: Lane): boolean => {
  const [oldest] = inside;
  return troubled || (oldest !== undefined && performance.now() - oldest.from > SLOW_MS);
};

export class Lanes {
  readonly #lanes = new Map<string, Lane>();

  /** Null: there is room now. Else come back after so many milliseconds. */
  async room(webhook: string): Promise<number | null> {
    for (;;) {
      const lane = this.#lanes.get(webhook) ?? fresh();
      if (isSlow(lane)) return lane.inside.size >= NARROW ? NARROW_WAIT_MS : null;
      if (lane.inside.size < WIDE) return null;
      await sleep(LOOK_MS);
    }
  }

  /** What it returns is to be called when the endpoint has answered, or has not. */
  enter(webhook: string): (answered: boolean) => void {
    const lane = this.#lanes.get(webhook) ?? fresh();
    const entry = { from: performance.now() };
    lane.inside.add(entry);
    this.#lanes.set(webhook, lane);
    return (answered) => {
      lane.inside.delete(entry);
      lane.troubled = !answered || performance.now() - entry.from > SLOW_MS;
      if (lane.inside.size === 0 && !lane.troubled) this.#lanes.delete(webhook);
    };
  }
}
