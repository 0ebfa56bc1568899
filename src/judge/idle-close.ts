/**
 * Claim: when one side of a path closes again and again at the same time after the last payload, that side's
 * application, or a proxy speaking for it, has an idle timer of that length. Never a box, never keepalive advice.
 *
 * Why: an application counts payload; keepalives that were answered in between do not move its clock. Four closes
 * within 0.1 s or 2 % of each other are a timer, unless closes are so frequent on that path that chance would fill a window
 * as well (background.ts), or they were all used and torn down at one moment. Contradicted by a FIN or reset made mid-path (expiry-fin, expiry-reset), and by any FIN before.
 * A path may have several timers (a pool's and a server's): each cluster stands alone.
 *
 *   4 × [ payload · 60.0 s, keepalives answered · server > client FIN ACK ttl as always ]   → endpoint-timer, 60 s
 */
import { orderOf } from '../base/order.ts';
import type { SilenceRecord } from '../base/record.ts';
import type { Responder } from '../base/responders.ts';
import { ENDING } from '../base/silence.ts';
import { type Decision, decided } from './compose.ts';
import { byOf, established, finBefore, payloadIdleNs, triggered } from './connection.ts';
import { type Located, locate } from './emitter.ts';
import { byEnding, lastMoment } from './ending-order.ts';
import type { Evidence, Judgement, Scene } from './finding.ts';
import { ALIKE, clusters } from './idle-windows.ts';
import type { Closes } from './plain-close.ts';
import { durationText } from './words.ts';

/** The judgements and the closes of a timer among them, with findings; in the order of their endings. */
export function idleClose(
  judgements: readonly Judgement[],
  closes: Closes,
  { shortestNs }: Scene,
): readonly Judgement[] {
  const candidates = new Candidates(judgements, closes);
  const timers = new Map<number, Timer>();
  for (const some of candidates.byPath()) {
    for (const [close, timer] of timersOf(some, candidates, Number(shortestNs))) {
      timers.set(close, timer);
    }
  }
  return timers.size === 0 ? judgements : candidates.merged(timers);
}

/** `some`: of one path. Its timers by close. */
function* timersOf(
  some: Int32Array,
  all: Candidates,
  shortestNs: number,
): Generator<readonly [close: number, timer: Timer]> {
  if (some.length < ALIKE) return;
  const idles = Float64Array.from(some, (close) => all.idles[close] as number);
  const order = orderOf(idles);
  const sorted = idles.sort();
  const moments = Float64Array.from(order, (at) => all.moments[some[at] as number] as number);
  for (const { from, until } of clusters(sorted, moments, shortestNs)) {
    const [first, last] = [sorted[from] as number, sorted[until - 1] as number];
    const by = all.by[some[order[from] as number] as number] as 0 | 1;
    const timer = new Timer({ closes: until - from, by, first, last });
    for (let i = from; i < until; i++) yield [some[order[i] as number] as number, timer];
  }
}

/**
 * Closes that a timer may have made, in columns: those that stayed packed come first, then those among the judgements.
 * One close may end a packet and a payload silence: two records, of which the first counts.
 */
class Candidates {
  /** Exact: a double holds 104 days, a payload is dated within 52. */
  readonly idles: Float64Array;
  /** From an origin that all share, so that a double holds nanoseconds. */
  readonly moments: Float64Array;
  readonly by: Uint8Array;
  readonly #judgements: readonly Judgement[];
  readonly #closes: Closes;
  readonly #originNs: bigint;
  /** By close behind the packed ones: its place among the judgements. */
  readonly #places: number[];
  /** Number of its path; −1: it is no candidate. */
  readonly #paths: Int32Array;
  readonly #pathNumbers = new Map<Responder | string, number>();

  constructor(judgements: readonly Judgement[], closes: Closes) {
    this.#judgements = judgements;
    this.#closes = closes;
    this.#places = judgements.flatMap((one, place) => (closedByItself(one) ? place : []));
    const all = closes.count + this.#places.length;
    this.idles = new Float64Array(all);
    this.moments = new Float64Array(all);
    this.by = new Uint8Array(all);
    this.#paths = new Int32Array(all).fill(-1);
    const first = judgements[this.#places[0] ?? -1];
    this.#originNs = closes.count > 0 ? closes.originNs : (first?.record.endingAtNs ?? 0n);
    const seen = new Map<number, number>();
    this.#enterPacked(seen);
    this.#enterJudged(seen);
  }

  #enterPacked(seen: Map<number, number>): void {
    const { count, idles, moments, frames } = this.#closes;
    this.idles.set(idles);
    this.moments.set(moments);
    for (let close = 0; close < count; close++) {
      const frame = frames[close] as number;
      if ((idles[close] as number) < 0 || seen.has(frame)) continue;
      seen.set(frame, close);
      this.#enter(close, this.#closes.responder(close), this.#closes.by(close));
    }
  }

  #enterJudged(seen: Map<number, number>): void {
    for (let i = 0; i < this.#places.length; i++) {
      const { record } = this.#judgements[this.#places[i] as number] as Judgement;
      const idleNs = payloadIdleNs(record);
      const known = seen.get(record.frameEnding);
      if (idleNs === null || (known !== undefined && !this.#comesFirst(record, known))) continue;
      if (known !== undefined) this.#paths[known] = -1;
      const close = this.#closes.count + i;
      seen.set(record.frameEnding, close);
      this.idles[close] = Number(idleNs);
      this.moments[close] = this.#since(record);
      this.#enter(close, record.responder ?? placeOf(record), record.endingBy);
    }
  }

  /** Judgements come in order; a packed close of the same frame may stand behind. */
  #comesFirst(record: SilenceRecord, known: number): boolean {
    return known < this.#closes.count && byEnding(record, this.#closes.record(known)) < 0;
  }

  #since(record: SilenceRecord): number {
    return Number(lastMoment(record) - this.#originNs);
  }

  /** Capture point, responder and the side that closed. */
  #enter(close: number, responder: Responder | string, by: 0 | 1): void {
    let number = this.#pathNumbers.get(responder);
    if (number === undefined) this.#pathNumbers.set(responder, (number = this.#pathNumbers.size));
    this.#paths[close] = number * 2 + by;
    this.by[close] = by;
  }

  byPath(): readonly Int32Array[] {
    const sizes = new Int32Array(this.#pathNumbers.size * 2);
    const countUp = (path: number): number => (sizes[path] = (sizes[path] as number) + 1);
    for (const path of this.#paths) if (path >= 0) countUp(path);
    const lists = Array.from(sizes, (size) => new Int32Array(size));
    sizes.fill(0);
    for (let close = 0; close < this.#paths.length; close++) {
      const path = this.#paths[close] as number;
      if (path >= 0) (lists[path] as Int32Array)[countUp(path) - 1] = close;
    }
    return lists;
  }

  /** The judgements, those of a timer's closes replaced, and its packed closes among them. */
  merged(timers: ReadonlyMap<number, Timer>): readonly Judgement[] {
    const replaced = [...this.#judgements];
    for (let i = 0; i < this.#places.length; i++) {
      const timer = timers.get(this.#closes.count + i);
      const place = this.#places[i] as number;
      const { record } = replaced[place] as Judgement;
      if (timer !== undefined) replaced[place] = timer.closed(record, this.#idleOf(i));
    }
    return this.#withPacked(replaced, timers);
  }

  #idleOf(judged: number): number {
    return this.idles[this.#closes.count + judged] as number;
  }

  #withPacked(
    judged: readonly Judgement[],
    timers: ReadonlyMap<number, Timer>,
  ): readonly Judgement[] {
    const all: Judgement[] = [];
    const moments = Float64Array.from(judged, ({ record }) => this.#since(record));
    let next = 0;
    for (let close = 0; close < this.#closes.count; close++) {
      const timer = timers.get(close);
      if (timer === undefined) continue;
      const record = this.#closes.take(close);
      const moment = this.moments[close] as number;
      for (; next < judged.length; next++) {
        const before = (moments[next] as number) - moment;
        const one = judged[next] as Judgement;
        if (before > 0 || (before === 0 && byEnding(one.record, record) > 0)) break;
        all.push(one);
      }
      all.push(timer.closed(record, this.idles[close] as number));
    }
    for (; next < judged.length; next++) all.push(judged[next] as Judgement);
    return all;
  }
}

const placeOf = (record: SilenceRecord): string =>
  `${record.capturePoint} ${record.tunnelKind} ${record.tunnelId} ` +
  `${record.responderAddress} ${record.responderPort}`;

/** A FIN seen as such and heard by the other side, or an endpoint's abort, that nothing had asked for. */
function closedByItself({ record, outcome, resetCauses, finding }: Judgement): boolean {
  if (finding !== null || outcome !== 'closed' || triggered(record)) return false;
  if (!established(record) || finBefore(record)) return false;
  if (record.endingKind === ENDING.fin) return record.retransmissions === 0;
  return record.endingKind === ENDING.rst && resetCauses[0] === 'abort';
}

/** What the closes of one cluster have in common. Its words are made when somebody reads them. */
class Timer {
  readonly #seen: Seen;
  readonly #decision: Decision;

  constructor(seen: Seen) {
    this.#seen = seen;
    const fact = (): string => this.fact;
    const agreeing: Evidence = {
      get fact() {
        return fact();
      },
      speaksFor: 'endpoint-timer',
      weight: 0.5,
    };
    this.#decision = {
      signature: 'idle-close',
      verdict: 'endpoint-timer',
      confidence: Math.min(0.75, 0.5 + 0.05 * (seen.closes - ALIKE)),
      located: (record) => new LocatedLater(record, this),
      evidence: [agreeing],
    };
  }

  closed(record: SilenceRecord, idleNs: number): Judgement {
    return decided(record, this.#decision, BigInt(idleNs));
  }

  get fact(): string {
    const { closes, by, first, last } = this.#seen;
    return (
      `${closes} closes by the ${byOf(by)} on this path, ` +
      `${durationText(BigInt(first))} to ${durationText(BigInt(last))} after the last payload`
    );
  }
}

interface Seen {
  readonly closes: number;
  readonly by: 0 | 1;
  /** Idle times, nanoseconds. */
  readonly first: number;
  readonly last: number;
}

/** Located when somebody asks: nobody reads the evidence of ten thousand closes. */
class LocatedLater implements Located {
  readonly middlebox = 0;
  readonly #record: SilenceRecord;
  readonly #timer: Timer;

  constructor(record: SilenceRecord, timer: Timer) {
    this.#record = record;
    this.#timer = timer;
  }

  get emitter(): Located['emitter'] {
    const own = locate(this.#record).evidence.filter(forEndpoint);
    return { is: 'endpoint', because: [this.#timer.fact, ...own.map(({ fact }) => fact)] };
  }

  get evidence(): readonly Evidence[] {
    return locate(this.#record).evidence;
  }

  get form(): Located['form'] {
    return locate(this.#record).form;
  }
}

const forEndpoint = (evidence: Evidence): boolean => evidence.speaksFor === 'endpoint';
