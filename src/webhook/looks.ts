/**
 * Rows that many deliveries ask for within one turn of the loop, read in one statement: crossing over to the database
 * costs more than reading a row.
 */

interface Asked<Row> {
  readonly id: string;
  readonly resolve: (row: Row | null) => void;
  readonly reject: (reason: unknown) => void;
}

export class Looks<Row extends { readonly id: string }> {
  readonly #read: (ids: readonly string[]) => readonly Row[];
  #asked: Asked<Row>[] = [];

  constructor(read: (ids: readonly string[]) => readonly Row[]) {
    this.#read = read;
  }

  /** As it stands when this turn ends; null: there is none. */
  of(id: string): Promise<Row | null> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ id, resolve, reject });
      if (this.#asked.length === 1) setImmediate(() => this.#answer());
    });
  }

  #answer(): void {
    const asked = this.#asked;
    this.#asked = [];
    try {
      const rows = new Map(this.#read(asked.map(({ id }) => id)).map((row) => [row.id, row]));
      for (const { id, resolve } of asked) resolve(rows.get(id) ?? null);
    } catch (thrown) {
      for (const { reject } of asked) reject(thrown);
    }
  }
}
