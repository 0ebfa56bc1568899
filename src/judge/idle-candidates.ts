/**
 * Closes that a timer may have made, in columns: those that stayed packed come first, then those among the judgements. One
 * close may end a packet and a payload silence: two records, of which the first counts.
 */
import type { SideIndex, SilenceRecord } from '../base/record.ts';
import { ENDING } from '../base/silence.ts';
import type { GroupedCloses } from '../capture/numbers.ts';
import { established, finBefore, payloadIdleNs, triggered } from './connection.ts';
import { byEnding, lastMoment } from './ending-order.ts';
import type { Judgement } from './finding.ts';
import { IdlePaths } from './idle-paths.ts';
import type { Closes } from './plain-close.ts';

const DOES_NOT_COUNT = -1;

/** What a close is put down to. */
interface Cause {
  closed(record: SilenceRecord, idleNs: number): Judgement;
}

export class Candidates implements GroupedCloses {
  /** Exact: a double holds 104 days, a payload is dated within 52. Negative where another record of one ending counts. */
  readonly idles: Float64Array;
  /** From an origin that all share, so that a double holds nanoseconds. */
  readonly moments: Float64Array;
  readonly originators: Int32Array;
  readonly order: Int32Array;
  readonly starts: Int32Array;
  readonly #judgements: readonly Judgement[];
  readonly #closes: Closes;
  readonly #originNs: bigint;
  /** By close behind the packed ones: its place among the judgements. */
  readonly #places: readonly number[];

  constructor(judgements: readonly Judgement[], closes: Closes) {
    this.#judgements = judgements;
    this.#closes = closes;
    this.#places = judgements.flatMap((one, place) => (closedByItself(one) ? place : []));
    const first = judgements[this.#places[0] ?? -1];
    this.#originNs = closes.count > 0 ? closes.originNs : (first?.record.endingAtNs ?? 0n);
    const count = closes.count + this.#places.length;
    this.idles = new Float64Array(count);
    this.idles.set(closes.idles);
    this.moments = new Float64Array(count);
    this.moments.set(closes.moments);
    this.originators = new Int32Array(count);
    this.originators.set(closes.originators);
    const { order, starts } = this.#withJudged();
    this.order = order;
    this.starts = starts;
  }

  by(close: number): SideIndex {
    const { count } = this.#closes;
    return close < count ? this.#closes.by(close) : this.#record(close).endingBy;
  }

  /** Of one behind the packed ones. */
  #record(close: number): SilenceRecord {
    const place = this.#places[close - this.#closes.count] as number;
    return (this.#judgements[place] as Judgement).record;
  }

  #withJudged(): Pick<GroupedCloses, 'order' | 'starts'> {
    const closes = this.#closes;
    const paths = new IdlePaths(closes);
    const addresses = new Map<string, number>();
    const seen = new Set<number>();
    for (let close = closes.count; close < this.idles.length; close++) {
      const record = this.#record(close);
      const idleNs = payloadIdleNs(record);
      if (idleNs === null || seen.has(record.frameEnding)) continue;
      const packed = closes.withEndingOf(record);
      if (packed >= 0 && byEnding(record, closes.record(packed)) >= 0) continue;
      if (packed >= 0) this.idles[packed] = DOES_NOT_COUNT;
      seen.add(record.frameEnding);
      this.idles[close] = Number(idleNs);
      this.moments[close] = this.#since(record);
      this.originators[close] = closes.originatorOf(record) ?? numberBelow(record, addresses);
      paths.add(close, record.responder ?? placeOf(record), record.endingBy);
    }
    return paths.laidOut();
  }

  #since(record: SilenceRecord): number {
    return Number(lastMoment(record) - this.#originNs);
  }

  /** The judgements, those of closes that have a cause replaced, and the packed ones that have one among them. */
  merged(causes: readonly (Cause | undefined)[]): readonly Judgement[] {
    const replaced = [...this.#judgements];
    for (let close = this.#closes.count; close < this.idles.length; close++) {
      const place = this.#places[close - this.#closes.count] as number;
      const closed = causes[close]?.closed(this.#record(close), this.idles[close] as number);
      if (closed !== undefined) replaced[place] = closed;
    }
    return this.#withPacked(replaced, causes);
  }

  #withPacked(
    judged: readonly Judgement[],
    causes: readonly (Cause | undefined)[],
  ): readonly Judgement[] {
    const all: Judgement[] = [];
    const moments = Float64Array.from(judged, ({ record }) => this.#since(record));
    let next = 0;
    for (let close = 0; close < this.#closes.count; close++) {
      const cause = causes[close];
      if (cause === undefined) continue;
      const record = this.#closes.take(close);
      const moment = this.moments[close] as number;
      for (; next < judged.length; next++) {
        const before = (moments[next] as number) - moment;
        const one = judged[next] as Judgement;
        if (before > 0 || (before === 0 && byEnding(one.record, record) > 0)) break;
        all.push(one);
      }
      all.push(cause.closed(record, this.idles[close] as number));
    }
    for (; next < judged.length; next++) all.push(judged[next] as Judgement);
    return all;
  }
}

/** Where nothing was sorted out, as where both sides of a box were matched, originators are numbered here, below all others. */
function numberBelow({ originatorAddress }: SilenceRecord, known: Map<string, number>): number {
  const number = known.get(originatorAddress) ?? -1 - known.size;
  known.set(originatorAddress, number);
  return number;
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
