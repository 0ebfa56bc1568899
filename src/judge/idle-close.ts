/**
 * Claim: when one side of a path closes again and again at the same time after the last payload, that side's
 * application, or a proxy speaking for it, has an idle timer of that length. Never a box, never keepalive advice.
 *
 * Why: an application counts payload; keepalives that were answered in between do not move its clock. Four closes
 * within 0.1 s or 2 % of each other are a timer, unless closes are so frequent on that path that any window would hold
 * as many, or they were all used and torn down at one moment. Contradicted by a FIN or reset made mid-path (expiry-fin, expiry-reset), and by any FIN before.
 * A path may have several timers (a pool's and a server's): each cluster stands alone.
 *
 *   4 × [ payload · 60.0 s, keepalives answered · server > client FIN ACK ttl as always ]   → endpoint-timer, 60 s
 */
import type { SilenceRecord } from '../base/record.ts';
import { ENDING } from '../base/silence.ts';
import { decided } from './compose.ts';
import { byOf, established, finBefore, payloadIdleNs, triggered } from './connection.ts';
import { type Located, locate } from './emitter.ts';
import type { Evidence, Judgement } from './finding.ts';
import { durationText } from './words.ts';

const ALIKE = 4;
const SPREAD_NS = 100_000_000;
const SPREAD_PART = 50; // 2 %
/** Chosen: a window must hold twice as many closes as both its neighbours of the same width together. */
const STANDS_OUT = 2;

interface Close {
  readonly judgement: Judgement;
  /** Exact: a double holds 104 days, a payload is dated within 52. */
  readonly idleNs: number;
}

/** The judgements, those of a timer's closes replaced by findings. */
export function idleClose(judgements: readonly Judgement[]): readonly Judgement[] {
  const found = new Map<Judgement, Judgement>();
  for (const closes of byPath(judgements).values()) {
    for (const cluster of clusters(closes)) {
      const timer = new Timer(cluster);
      for (const close of cluster) found.set(close.judgement, timerFinding(close, timer));
    }
  }
  return judgements.map((judgement) => found.get(judgement) ?? judgement);
}

/** Capture point, responder and the side that closed. */
function byPath(judgements: readonly Judgement[]): Map<string, Close[]> {
  const paths = new Map<string, Close[]>();
  const seen = new Set<number>();
  for (const judgement of judgements) {
    const idleNs = closedByItself(judgement) ? payloadIdleNs(judgement.record) : null;
    // One close may end a packet and a payload silence: two records, one close.
    if (idleNs === null || seen.has(judgement.record.frameEnding)) continue;
    seen.add(judgement.record.frameEnding);
    const key = pathOf(judgement.record);
    const closes = paths.get(key);
    const close = { judgement, idleNs: Number(idleNs) };
    if (closes === undefined) paths.set(key, [close]);
    else closes.push(close);
  }
  return paths;
}

const pathOf = (record: SilenceRecord): string =>
  `${record.capturePoint} ${record.tunnelKind} ${record.tunnelId} ` +
  `${record.responderAddress} ${record.responderPort} ${record.endingBy}`;

/** A FIN seen as such and heard by the other side, or an endpoint's abort, that nothing had asked for. */
function closedByItself({ record, outcome, resetCauses, finding }: Judgement): boolean {
  if (finding !== null || outcome !== 'closed' || triggered(record)) return false;
  if (!established(record) || finBefore(record)) return false;
  if (record.endingKind === ENDING.fin) return record.retransmissions === 0;
  return record.endingKind === ENDING.rst && resetCauses[0] === 'abort';
}

/** Windows of closes alike, the fullest first, none sharing a close with another. */
function clusters(closes: readonly Close[]): readonly (readonly Close[])[] {
  const sorted = [...closes].sort((a, b) => a.idleNs - b.idleNs);
  const taken = new Array<boolean>(sorted.length).fill(false);
  const chosen: Close[][] = [];
  const windows = windowsOf(sorted).sort((a, b) => b.until - b.from - (a.until - a.from));
  for (const { from, until } of windows) {
    if (taken[from] || taken[until - 1]) continue;
    taken.fill(true, from, until);
    chosen.push(sorted.slice(from, until));
  }
  return chosen;
}

interface Window {
  readonly from: number;
  readonly until: number;
}

function windowsOf(sorted: readonly Close[]): Window[] {
  const windows: Window[] = [];
  const atOneMoment = momentsOf(sorted);
  const idles = Float64Array.from(sorted, ({ idleNs }) => idleNs);
  // What is asked for only grows from window to window.
  const [below, until, beyond] = [firstAtLeast(idles), firstAtLeast(idles), firstAtLeast(idles)];
  for (const [from, idleNs] of idles.entries()) {
    if (from + ALIKE > idles.length) break;
    const width = spreadNs(idleNs);
    const end = until(idleNs + width);
    const around = from - below(idleNs - width) + (beyond(idleNs + 2 * width) - end);
    const torn = atOneMoment(from, end, width);
    const size = end - from;
    if (torn || size < ALIKE || size < STANDS_OUT * around) continue;
    windows.push({ from, until: end });
  }
  return windows;
}

/** Index of the first of ascending values that reaches what is asked for, which must not fall. */
function firstAtLeast(ascending: Float64Array): (least: number) => number {
  let at = 0;
  return (least) => {
    while (at < ascending.length && (ascending[at] as number) < least) at++;
    return at;
  };
}

/** Indexes of which the head is always the one whose moment comes first (or last) among those still asked for. */
class Extreme {
  private readonly items: number[] = [];
  private head = 0;
  private readonly beats: (a: number, b: number) => boolean;

  constructor(beats: (a: number, b: number) => boolean) {
    this.beats = beats;
  }

  add(index: number): void {
    while (this.items.length > this.head && !this.beats(this.items.at(-1) ?? 0, index)) {
      this.items.pop();
    }
    this.items.push(index);
  }

  from(index: number): number {
    while ((this.items[this.head] ?? index) < index) this.head++;
    return this.items[this.head] ?? index;
  }
}

/**
 * Do the closes of a window lie at one moment? Connections used together and torn down together are one event, however many
 * they are. Windows only move forward, so each close is added once and passed once.
 */
function momentsOf(sorted: readonly Close[]) {
  const first = sorted[0]?.judgement.record.endingAtNs ?? 0n;
  // From the first on: what a double loses of nanoseconds since 1970 it holds of these.
  const moments = Float64Array.from(sorted, ({ judgement: { record } }) =>
    Number(record.endingAtNs - first),
  );
  const at = (index: number): number => moments[index] ?? 0;
  const earliest = new Extreme((a, b) => at(a) < at(b));
  const latest = new Extreme((a, b) => at(a) > at(b));
  let added = 0;
  return (from: number, until: number, widthNs: number): boolean => {
    for (; added < until; added++) {
      earliest.add(added);
      latest.add(added);
    }
    return at(latest.from(from)) - at(earliest.from(from)) < widthNs;
  };
}

const spreadNs = (idleNs: number): number => Math.max(SPREAD_NS, Math.floor(idleNs / SPREAD_PART));

/** What the closes of one cluster have in common. Its words are made when somebody reads them. */
class Timer {
  readonly confidence: number;
  readonly evidence: readonly Evidence[];
  readonly #cluster: readonly Close[];

  constructor(cluster: readonly Close[]) {
    this.confidence = Math.min(0.75, 0.5 + 0.05 * (cluster.length - ALIKE));
    this.#cluster = cluster;
    const fact = (): string => this.fact;
    const agreeing: Evidence = {
      get fact() {
        return fact();
      },
      speaksFor: 'endpoint-timer',
      weight: 0.5,
    };
    this.evidence = [agreeing];
  }

  get fact(): string {
    const all = this.#cluster;
    const { judgement, idleNs: first = 0 } = all[0] ?? {};
    const by = byOf(judgement?.record.endingBy ?? 0);
    const last = all.at(-1)?.idleNs ?? 0;
    return (
      `${all.length} closes by the ${by} on this path, ` +
      `${durationText(BigInt(first))} to ${durationText(BigInt(last))} after the last payload`
    );
  }
}

const timerFinding = ({ judgement: { record }, idleNs }: Close, timer: Timer): Judgement =>
  decided(record, {
    signature: 'idle-close',
    verdict: 'endpoint-timer',
    confidence: timer.confidence,
    located: new LocatedLater(record, timer),
    evidence: timer.evidence,
    payloadIdleNs: BigInt(idleNs),
  });

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
