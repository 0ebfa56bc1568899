/**
 * One endpoint that hangs must not hold up the deliveries of the others.
 *
 * Every subscription has a lane of a certain width, so that no one takes all of the sender; while its
 * endpoint is slow or fails to answer the lane is narrow, and who finds it full comes back later. A healthy
 * endpoint makes room within milliseconds: that is waited for in line, not by way of the queue.
 */

/** Chosen: requests to one subscription at once. */
export const WIDE = 96;
/** Chosen: of an endpoint that is slow or failing. */
export const NARROW = 8;
const NARROW_WAIT_MS = 2000;
/**
 * Chosen: an endpoint that takes longer than a second is slow. Counted in looks, not on a clock: while this process gets no
 * processor it does not look either, and the endpoint is not to blame.
 */
const LOOK_MS = 250;
const SLOW_LOOKS = 4;

interface Lane {
  /** At which look each that is inside went in. */
  readonly inside: Set<{ readonly from: number }>;
  /** In order; each looks again when it is called. */
  readonly line: (() => void)[];
  troubled: boolean;
}

/** To be called once: what the endpoint did, if it was asked. */
export type Leave = (how: 'answered' | 'failed' | 'not-asked') => void;

export type Place = { readonly leave: Leave } | { readonly laterMs: number };

const fresh = (): Lane => ({ inside: new Set(), line: [], troubled: false });

const callAll = ({ line }: Lane): void => {
  for (const look of line.splice(0)) look();
};

export class Lanes {
  readonly #lanes = new Map<string, Lane>();
  readonly #timer = setInterval(() => this.#callEverybody(), LOOK_MS).unref();
  #looks = 0;
  #closed = false;

  /** Who is still waiting in line comes back later, for others to find. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#callEverybody();
  }

  /** Null: there is no room now, and there will be soon. */
  #tryToEnter(webhook: string): Place | null {
    const lane = this.#lane(webhook);
    if (this.#closed) return { laterMs: 0 };
    const slow = this.#isSlow(lane);
    if (lane.inside.size < (slow ? NARROW : WIDE)) return this.#entered(webhook, lane);
    return slow ? { laterMs: NARROW_WAIT_MS } : null;
  }

  async enter(webhook: string): Promise<Place> {
    for (;;) {
      const place = this.#tryToEnter(webhook);
      if (place !== null) return place;
      await new Promise<void>((look) => this.#lane(webhook).line.push(look));
    }
  }

  #lane(webhook: string): Lane {
    const known = this.#lanes.get(webhook);
    if (known !== undefined) return known;
    const lane = fresh();
    this.#lanes.set(webhook, lane);
    return lane;
  }

  #entered(webhook: string, lane: Lane): Place {
    const entry = { from: this.#looks };
    lane.inside.add(entry);
    return {
      leave: (how) => {
        lane.inside.delete(entry);
        if (how !== 'not-asked') lane.troubled = how === 'failed' || this.#tookLong(entry.from);
        lane.line.shift()?.();
        if (lane.inside.size === 0 && lane.line.length === 0 && !lane.troubled)
          this.#lanes.delete(webhook);
      },
    };
  }

  #tookLong(from: number): boolean {
    return this.#looks - from > SLOW_LOOKS;
  }

  /** In order of entering: the first has been there longest. */
  #isSlow({ inside, troubled }: Lane): boolean {
    const [oldest] = inside;
    return troubled || (oldest !== undefined && this.#tookLong(oldest.from));
  }

  #callEverybody(): void {
    this.#looks += 1;
    for (const lane of this.#lanes.values()) callAll(lane);
  }
}
