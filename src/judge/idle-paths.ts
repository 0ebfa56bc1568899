/**
 * Candidates by path: a capture point, a responder and the side that closed.
 *
 * The packed ones come by path and by idle time as they are (native/flow/closes.h). Only where others are on record too are
 * the groups laid out anew, with those behind the packed ones of their path.
 */
import type { SideIndex } from '../base/record.ts';
import type { Responder } from '../base/responders.ts';
import type { GroupedCloses } from '../capture/numbers.ts';
import type { Closes } from './plain-close.ts';

type ByPath = Pick<GroupedCloses, 'order' | 'starts'>;

export class IdlePaths {
  readonly #closes: Closes;
  /** Closes that do not stay packed. */
  readonly #others = new Map<Responder | string, readonly [number[], number[]]>();
  #count = 0;

  constructor(closes: Closes) {
    this.#closes = closes;
  }

  add(close: number, responder: Responder | string, by: SideIndex): void {
    let sides = this.#others.get(responder);
    if (sides === undefined) {
      sides = [[], []];
      this.#others.set(responder, sides);
    }
    sides[by].push(close);
    this.#count += 1;
  }

  laidOut(): ByPath {
    const { order, starts } = this.#closes;
    if (this.#count === 0) return { order, starts };
    const laid = new Layout(order.length + this.#count);
    for (let path = 1; path < starts.length; path++) {
      const [from, until] = [starts[path - 1] as number, starts[path] as number];
      laid.put(order.subarray(from, until));
      laid.put(this.#takeOthersWith(order[from] as number));
      laid.end();
    }
    for (const sides of this.#others.values()) {
      for (const side of sides) {
        laid.put(side);
        laid.end();
      }
    }
    return laid.done();
  }

  /** Those on the path of a packed one, once. */
  #takeOthersWith(packed: number): readonly number[] {
    const sides = this.#others.get(this.#closes.responder(packed));
    return sides === undefined ? [] : sides[this.#closes.by(packed)].splice(0);
  }
}

class Layout {
  readonly #order: Int32Array;
  readonly #starts = [0];
  #count = 0;

  constructor(count: number) {
    this.#order = new Int32Array(count);
  }

  put(closes: ArrayLike<number>): void {
    this.#order.set(closes, this.#count);
    this.#count += closes.length;
  }

  /** A path ends. */
  end(): void {
    this.#starts.push(this.#count);
  }

  done(): ByPath {
    return { order: this.#order, starts: Int32Array.from(this.#starts) };
  }
}
