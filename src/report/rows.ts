/** A list whose rows are made when they are asked for, each time anew. */
export class Rows<T> implements Iterable<T> {
  readonly #rows: () => Iterable<T>;

  constructor(rows: () => Iterable<T>) {
    this.#rows = rows;
  }

  map<U>(other: (row: T) => U): Rows<U> {
    const rows = this.#rows;
    return new Rows(function* () {
      for (const row of rows()) yield other(row);
    });
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#rows()[Symbol.iterator]();
  }
}
