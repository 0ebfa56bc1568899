/** Which deaths a log error may be about, at a given moment: an index over all of them. */
import type { NamedEndpoint } from './endpoints.ts';
import { type Kinship, KINSHIPS, kinshipOf } from './kinship.ts';
import type { LogError } from './scan.ts';
import { awayMs, type Window } from './windows.ts';

export interface Candidate {
  readonly window: Window;
  readonly kinship: Kinship;
  /** 0 inside of the window. */
  readonly awayMs: number;
}

/** Chosen: among more deaths than this within the slack, time alone decides nothing. */
const NEAREST = 200;

const key = ({ address, port }: NamedEndpoint): string => `${address} ${port}`;

export class Candidates {
  /** In the order of their beginnings. */
  readonly #windows: readonly Window[];
  readonly #byClient = new Map<string, Window[]>();
  readonly #longestMs: number;

  constructor(windows: readonly Window[]) {
    this.#windows = [...windows].sort((a, b) => a.fromMs - b.fromMs);
    this.#longestMs = windows.reduce((most, { fromMs, toMs }) => Math.max(most, toMs - fromMs), 0);
    for (const window of this.#windows) {
      for (const client of window.clients) {
        const known = this.#byClient.get(key(client));
        if (known === undefined) this.#byClient.set(key(client), [window]);
        else known.push(window);
      }
    }
  }

  /** The first window that begins at `ms` or later. */
  #at(ms: number): number {
    let [low, high] = [0, this.#windows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#windows[middle]?.fromMs ?? 0) < ms) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #near(ms: number, slackMs: number): readonly Window[] {
    const from = this.#at(ms - slackMs - this.#longestMs);
    const until = this.#at(ms + slackMs);
    if (until - from <= NEAREST) return this.#windows.slice(from, until);
    const middle = this.#at(ms);
    return this.#windows.slice(Math.max(from, middle - NEAREST / 2), middle + NEAREST / 2);
  }

  /**
   * Not further away than `slackMs`, in no order; of those whose very connection the line names also
   * the ones that `late` allows.
   */
  of(
    { error, endpoints }: LogError,
    ms: number,
    slackMs: number,
    late: (window: Window) => number,
  ): readonly Candidate[] {
    const own = endpoints.flatMap((named) => this.#byClient.get(key(named)) ?? []);
    return (own.length > 0 ? own : this.#near(ms, slackMs)).flatMap((window) => {
      const away = awayMs(window, ms);
      const isNear = Math.abs(away) <= slackMs;
      const isLate = away > slackMs && away <= late(window);
      if (!(isNear || isLate) || !window.errors.has(error)) return [];
      const kinship = kinshipOf(endpoints, window);
      if (kinship === null || (isLate && kinship !== 'connection')) return [];
      return [{ window, kinship, awayMs: away }];
    });
  }
}

export const surer = (a: Candidate, b: Candidate): number =>
  KINSHIPS.indexOf(a.kinship) - KINSHIPS.indexOf(b.kinship) ||
  Math.abs(a.awayMs) - Math.abs(b.awayMs);
