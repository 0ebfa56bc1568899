/**
 * Claim: when one side of a path closes again and again at the same time after the last payload, that side's
 * application, or a proxy speaking for it, has an idle timer of that length. Never a box, never keepalive advice.
 *
 * Why: an application counts payload; keepalives that were answered in between do not move its clock. Four closes
 * within 0.1 s or 2 % of each other are a timer, unless closes are so frequent on that path that chance would fill a window
 * as well (background.ts), or they were all used and torn down at one moment. What one host closes in one moment counts
 * once (decisions.ts): a page of six connections is one piece of evidence, but all six are told. Contradicted by a FIN or reset made mid-path (expiry-fin, expiry-reset), and by any FIN before.
 * A path may have several timers (a pool's and a server's): each cluster stands alone.
 *
 *   4 × [ payload · 60.0 s, keepalives answered · server > client FIN ACK ttl as always ]   → endpoint-timer, 60 s
 */
import { orderOf, pick } from '../base/order.ts';
import type { SideIndex, SilenceRecord } from '../base/record.ts';
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
  const paths = [...candidates.byPath()].filter((some) => some.length >= ALIKE);
  const asked = { shortestNs: Number(shortestNs), paths: paths.length };
  for (const some of paths) {
    for (const [close, timer] of timersOf(some, candidates, asked)) timers.set(close, timer);
  }
  return timers.size === 0 ? judgements : candidates.merged(timers);
}

/** `some`: of one path. Its timers by close. */
function* timersOf(
  some: Int32Array,
  all: Candidates,
  { shortestNs, paths }: { readonly shortestNs: number; readonly paths: number },
): Generator<readonly [close: number, timer: Timer]> {
  const unordered = pick(all.idles, some);
  const order = orderOf(unordered);
  const idles = pick(unordered, order);
  const moments = pick(pick(all.moments, some), order);
  const closeAt = (i: number): number => some[order[i] as number] as number;
  const originators = Int32Array.from(order, (_, i) => all.originators[closeAt(i)] as number);
  for (const cluster of clusters({ idles, moments, originators }, shortestNs, paths)) {
    const { from, until, decisions } = cluster;
    const [first, last] = [idles[from] as number, idles[until - 1] as number];
    const by = all.by(closeAt(from));
    const timer = new Timer({ closes: until - from, decisions, by, first, last });
    for (let i = from; i < until; i++) yield [closeAt(i), timer];
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
  /** Equal numbers within a path are one address. */
  readonly originators: Int32Array;
  readonly #judgements: readonly Judgement[];
  readonly #closes: Closes;
  readonly #originNs: bigint;
  /** By close behind the packed ones: its place among the judgements. */
  readonly #places: number[];
  readonly #paths = new Map<Responder | string, readonly [Side, Side]>();
  /** Packed closes whose ending another record tells first. */
  readonly #replaced = new Set<number>();

  constructor(judgements: readonly Judgement[], closes: Closes) {
    this.#judgements = judgements;
    this.#closes = closes;
    this.#places = judgements.flatMap((one, place) => (closedByItself(one) ? place : []));
    this.idles = new Float64Array(closes.count + this.#places.length);
    this.moments = new Float64Array(this.idles.length);
    this.originators = new Int32Array(this.idles.length);
    const first = judgements[this.#places[0] ?? -1];
    this.#originNs = closes.count > 0 ? closes.originNs : (first?.record.endingAtNs ?? 0n);
    this.#enterPacked();
    this.#enterJudged();
  }

  by(close: number): SideIndex {
    const { count } = this.#closes;
    return close < count ? this.#closes.by(close) : this.#record(close - count).endingBy;
  }

  #record(judged: number): SilenceRecord {
    return (this.#judgements[this.#places[judged] as number] as Judgement).record;
  }

  #enterPacked(): void {
    this.idles.set(this.#closes.idles);
    this.moments.set(this.#closes.moments);
    this.originators.set(this.#closes.originators);
    for (const some of this.#closes.groups()) {
      const first = some[0] as number;
      this.#sideOf(this.#closes.responder(first), this.#closes.by(first)).packed = some;
    }
  }

  #enterJudged(): void {
    const { count } = this.#closes;
    const seen = new Set<number>();
    for (let i = 0; i < this.#places.length; i++) {
      const record = this.#record(i);
      const idleNs = payloadIdleNs(record);
      if (idleNs === null || seen.has(record.frameEnding)) continue;
      const packed = this.#closes.withEndingOf(record);
      if (packed >= 0 && byEnding(record, this.#closes.record(packed)) >= 0) continue;
      if (packed >= 0) this.#replaced.add(packed);
      seen.add(record.frameEnding);
      this.idles[count + i] = Number(idleNs);
      this.moments[count + i] = this.#since(record);
      this.#sideOf(record.responder ?? placeOf(record), record.endingBy).judged.push(count + i);
    }
  }

  #since(record: SilenceRecord): number {
    return Number(lastMoment(record) - this.#originNs);
  }

  /** Capture point, responder and the side that closed. */
  #sideOf(responder: Responder | string, by: SideIndex): Side {
    let sides = this.#paths.get(responder);
    if (sides === undefined) {
      sides = [
        { packed: NOBODY, judged: [] },
        { packed: NOBODY, judged: [] },
      ];
      this.#paths.set(responder, sides);
    }
    return sides[by];
  }

  *byPath(): Generator<Int32Array> {
    for (const sides of this.#paths.values()) {
      for (const side of sides) {
        this.#numberOriginators(side.judged);
        yield joined(this.#keptOf(side.packed), side.judged);
      }
    }
  }

  /** Where nothing was sorted out, as where both sides of a box were matched, they are numbered here, below all others. */
  #numberOriginators(judged: readonly number[]): void {
    const numbers = new Map<string, number>();
    for (const close of judged) {
      const record = this.#record(close - this.#closes.count);
      let number = this.#closes.originatorOf(record);
      if (number === undefined) {
        number = numbers.get(record.originatorAddress) ?? -1 - numbers.size;
        numbers.set(record.originatorAddress, number);
      }
      this.originators[close] = number;
    }
  }

  #keptOf(packed: Int32Array): Int32Array {
    return this.#replaced.size === 0
      ? packed
      : packed.filter((close) => !this.#replaced.has(close));
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

/** Closes by one side of a path; the packed ones by idle time. */
interface Side {
  packed: Int32Array;
  readonly judged: number[];
}

const NOBODY = new Int32Array(0);

function joined(one: Int32Array, other: readonly number[]): Int32Array {
  if (other.length === 0) return one;
  const both = new Int32Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
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
      confidence: Math.min(0.75, 0.5 + 0.05 * (seen.decisions - ALIKE)),
      located: (record) => new LocatedLater(record, this),
      emitter: 'endpoint',
      evidence: [agreeing],
    };
  }

  closed(record: SilenceRecord, idleNs: number): Judgement {
    return decided(record, this.#decision, BigInt(idleNs));
  }

  get fact(): string {
    const { closes, decisions, by, first, last } = this.#seen;
    // Many that one host closes in one moment say as much as one of them.
    const own = decisions < closes ? `${decisions} of them each on its own, ` : '';
    return (
      `${closes} closes by the ${byOf(by)} on this path, ${own}` +
      `${durationText(BigInt(first))} to ${durationText(BigInt(last))} after the last payload`
    );
  }
}

interface Seen {
  readonly closes: number;
  readonly decisions: number;
  readonly by: SideIndex;
  /** Idle times, nanoseconds. */
  readonly first: number;
  readonly last: number;
}

/** Located when somebody asks: nobody reads the evidence of ten thousand closes. */
class LocatedLater implements Located {
  readonly is = 'endpoint';
  readonly middlebox = 0;
  readonly #record: SilenceRecord;
  readonly #timer: Timer;

  constructor(record: SilenceRecord, timer: Timer) {
    this.#record = record;
    this.#timer = timer;
  }

  get because(): readonly string[] {
    const own = locate(this.#record).evidence.filter(forEndpoint);
    return [this.#timer.fact, ...own.map(({ fact }) => fact)];
  }

  get evidence(): readonly Evidence[] {
    return locate(this.#record).evidence;
  }

  get form(): Located['form'] {
    return locate(this.#record).form;
  }
}

const forEndpoint = (evidence: Evidence): boolean => evidence.speaksFor === 'endpoint';
