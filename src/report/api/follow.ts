/**
 * Notices that the store has changed, for all who listen together: while anybody does, one connection of its own asks
 * every 200 ms for SQLite's data_version, which costs microseconds; nobody listening, nothing runs.
 */
import type { Database } from '../store/database.ts';

export const LOOK_MS = 200;

export class Follower {
  readonly #db: Database;
  readonly #watchers = new Set<() => void>();
  #timer: NodeJS.Timeout | null = null;
  #version = -1;

  /** `db`: a connection of its own; data_version does not move for what a connection wrote itself. */
  constructor(db: Database) {
    this.#db = db;
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  #look(): void {
    const version = this.#db.dataVersion();
    if (version === this.#version) return;
    this.#version = version;
    for (const watcher of this.#watchers) watcher();
  }

  /** Called after every change, and soon after it was added; the answer takes it away again. */
  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    this.#version = -1;
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS);
    return () => {
      this.#watchers.delete(changed);
      if (this.#watchers.size === 0) this.#stop();
    };
  }

  #stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  close(): void {
    this.#watchers.clear();
    this.#stop();
    this.#db.close();
  }
}
