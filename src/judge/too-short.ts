/**
 * Silences that no timeout could have taken: shorter than what was fatal at other times, and than what survived.
 *
 * Two ways to know it. What survived longest on the same responder, together with the other kills of the path: a timeout
 * would have spared nearly all that is shorter than nearly all of these. Or survivors on record, of the same path, that
 * outnumber all kills as long: then no timeout takes silences of that length, however short other accidents were.
 * Only kills that a box may have made say what is fatal, and only those of the same first speaker: a phone that came back
 * and resets what a server pushes does so after a silence of any length.
 *
 * What cannot be known: how many survived on one responder. The scene keeps the longest, and a sample of all of them; where
 * the sample holds none, one that was spared by luck counts for all.
 */
import type { SilenceRecord } from '../base/record.ts';
import { orderOf } from '../capture/numbers.ts';
import { OUTCOME, SILENCE_KIND } from '../base/silence.ts';
import { LOG_SELDOM, logBinomialAtLeast } from './chance.ts';
import { silenceNs } from './connection.ts';
import { AT_LEAST, type Crowd, type Kill, pathOf, serviceOf } from './crowd.ts';
import type { Scene } from './finding.ts';
import { gathered } from './kills.ts';

/** Chosen: strays among the others are fewer than one in ten. */
const STRAYS = 0.1;
/** Chosen: of the silences beyond a timeout fewer than one in three are spared (measured up to 0.3: docs/method.md). */
const SPARED = 1 / 3;

/** All kills of one kind, as a measure for the crowds among them. */
export class Fatal {
  readonly #bySilence: readonly Kill[];
  readonly #byPath: ReadonlyMap<string, readonly Kill[]>;
  /** By kill: the number of the crowd that it was last marked for. */
  readonly #marks: Int32Array;
  #crowds = 0;
  readonly #scene: Scene;
  #survivors: ReadonlyMap<string, readonly number[]> | null = null;
  /** By path, once somebody asked. */
  readonly #spared = new Map<string, number>();

  /** `counts`: which of all kills say what is fatal. */
  constructor(kills: readonly Kill[], counts: (kill: Kill) => boolean, scene: Scene) {
    this.#scene = scene;
    this.#marks = new Int32Array(kills.length);
    this.#bySilence = bySilence(kills.filter((kill) => mayBeBox(kill) && counts(kill)));
    this.#byPath = gathered(this.#bySilence, ({ path }) => path);
  }

  /** More of the crowd than strays are too short for a timeout. */
  reachedBelow(crowd: Crowd): boolean {
    const { kills } = crowd;
    const survived = this.#longestSurvived(crowd);
    const least = this.#leastFatal(crowd);
    const below = countOf(
      kills,
      (kill) => kill.silenceNs < (survived.get(kill.service) ?? 0n) && kill.silenceNs < least,
    );
    if (moreThanStrays(below, kills.length)) return true;
    const spared = countOf(kills, (kill) => lengthOf(kill) < this.#sparedNs(kill.path));
    return moreThanStrays(spared, kills.length);
  }

  /** Kills of these paths at other times, of silences beyond a limit. */
  otherKillsBeyond(crowd: Crowd, limitNs: bigint): number {
    const [mark, paths] = [this.#mark(crowd), pathsOf(crowd)];
    let count = 0;
    for (const path of paths) {
      for (const { index, silenceNs: lengthNs } of this.#byPath.get(path) ?? []) {
        if (this.#marks[index] !== mark && lengthNs > limitNs) count++;
      }
    }
    return count;
  }

  #mark({ kills }: Crowd): number {
    const mark = ++this.#crowds;
    for (const { index } of kills) this.#marks[index] = mark;
    return mark;
  }

  #longestSurvived({ responders }: Crowd): ReadonlyMap<string, bigint> {
    return new Map(
      responders.map((record) => [serviceOf(record), this.#scene.longestSurvivedNs(record)]),
    );
  }

  /** Nearly the shortest of the other kills of these paths; without limit where they are too few to tell. */
  #leastFatal(crowd: Crowd): bigint | number {
    const [mark, paths] = [this.#mark(crowd), pathsOf(crowd)];
    const isOther = ({ index, path }: Kill) => this.#marks[index] !== mark && paths.has(path);
    let count = 0;
    for (const path of paths) count += countOf(this.#byPath.get(path) ?? [], isOther);
    if (count < AT_LEAST) return Number.POSITIVE_INFINITY;
    let rank = Math.floor(count * STRAYS);
    for (const kill of this.#bySilence) if (isOther(kill) && rank-- === 0) return kill.silenceNs;
    return Number.POSITIVE_INFINITY;
  }

  /** Nanoseconds: of silences as long so many survived on this path that no timeout takes them; 0 where none are on record. */
  #sparedNs(path: string): number {
    let spared = this.#spared.get(path);
    if (spared !== undefined) return spared;
    this.#survivors ??= survivorsByPath(this.#scene.records());
    const killed = (this.#byPath.get(path) ?? []).map(lengthOf);
    spared = longestSpared(this.#survivors.get(path) ?? [], killed);
    this.#spared.set(path, spared);
    return spared;
  }
}

/** The longest silence from which on the survivors are too many to be spared by luck. */
function longestSpared(survived: readonly number[], killed: readonly number[]): number {
  const [survivors, kills] = [longestFirst(survived), longestFirst(killed)];
  const logLooks = Math.log(survivors.length);
  let dead = 0;
  for (let i = 0; i < survivors.length; i++) {
    const length = survivors[i] as number;
    while (dead < kills.length && (kills[dead] as number) >= length) dead++;
    if (logBinomialAtLeast(i + 1, i + 1 + dead, SPARED) + logLooks <= LOG_SELDOM) return length;
  }
  return 0;
}

/** Nobody vouches for an originator that may have gone away. */
const mayBeBox = ({ finding }: Kill): boolean => finding.unvouched !== true;

const moreThanStrays = (count: number, all: number): boolean =>
  logBinomialAtLeast(count, all, STRAYS) <= LOG_SELDOM;

const pathsOf = ({ kills }: Crowd): ReadonlySet<string> => new Set(kills.map(({ path }) => path));

const lengthOf = (kill: Kill): number => Number(kill.silenceNs);

const longestFirst = (some: readonly number[]): Float64Array =>
  Float64Array.from(some).sort().reverse();

function countOf(kills: readonly Kill[], isOne: (kill: Kill) => boolean): number {
  let count = 0;
  for (let i = 0; i < kills.length; i++) if (isOne(kills[i] as Kill)) count++;
  return count;
}

/** A number decides nearly always; equal ones keep their order. */
function bySilence(kills: readonly Kill[]): readonly Kill[] {
  const order = orderOf(Float64Array.from(kills, lengthOf));
  return Array.from(order, (at) => kills[at] as Kill);
}

function survivorsByPath(records: Iterable<SilenceRecord>): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const record of records) {
    if (record.outcome !== OUTCOME.survived || record.kind !== SILENCE_KIND.packet) continue;
    const [path, length] = [pathOf(record), Number(silenceNs(record))];
    const known = found.get(path);
    if (known === undefined) found.set(path, [length]);
    else known.push(length);
  }
  return found;
}
