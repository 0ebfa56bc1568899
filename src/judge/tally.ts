/** Counts of marked indexes below any index (Fenwick 1994): to mark and to count take the logarithm of their number. */
export class Tally {
  readonly #sums: Int32Array;
  #total = 0;

  constructor(size: number) {
    this.#sums = new Int32Array(size + 1);
  }

  add(index: number): void {
    this.#total += 1;
    for (let i = index + 1; i < this.#sums.length; i += i & -i) {
      this.#sums[i] = (this.#sums[i] as number) + 1;
    }
  }

  /** Those marked from `from` up to `until`. */
  within(from: number, until: number): number {
    return this.#total === 0 ? 0 : this.#below(until) - this.#below(from);
  }

  #below(index: number): number {
    let sum = 0;
    for (let i = index; i > 0; i -= i & -i) sum += this.#sums[i] as number;
    return sum;
  }
}
