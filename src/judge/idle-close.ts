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
const SPREAD_NS = 100_000_000n;
const SPREAD_PART = 50n; // 2 %
/** Chosen: a window must hold twice as many closes as both its neighbours of the same width together. */
const STANDS_OUT = 2;

interface Close {
  readonly judgement: Judgement;
  readonly idleNs: bigint;
}

/** The judgements, those of a timer's closes replaced by findings. */
export function idleClose(judgements: readonly Judgement[]): readonly Judgement[] {
  const found = new Map<Judgement, Judgement>();
  for (const closes of byPath(judgements).values()) {
    for (const cluster of clusters(closes)) {
      for (const close of cluster) found.set(close.judgement, timerFinding(close, cluster));
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
    if (closes === undefined) paths.set(key, [{ judgement, idleNs }]);
    else closes.push({ judgement, idleNs });
  }
  return paths;
}

const pathOf = (record: SilenceRecord): string =>
  [
    record.capturePoint,
    record.tunnelKind,
    record.tunnelId,
    record.responderAddress,
    record.responderPort,
    record.endingBy,
  ].join(' ');

/** A FIN seen as such and heard by the other side, or an endpoint's abort, that nothing had asked for. */
function closedByItself({ record, outcome, resetCauses, finding }: Judgement): boolean {
  if (finding !== null || outcome !== 'closed' || triggered(record)) return false;
  if (!established(record) || finBefore(record)) return false;
  if (record.endingKind === ENDING.fin) return record.retransmissions === 0;
  return record.endingKind === ENDING.rst && resetCauses[0] === 'abort';
}

/** Windows of closes alike, the fullest first, none sharing a close with another. */
function clusters(closes: readonly Close[]): readonly (readonly Close[])[] {
  const sorted = [...closes].sort((a, b) =>
    a.idleNs < b.idleNs ? -1 : a.idleNs > b.idleNs ? 1 : 0,
  );
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
  const at = (index: number): bigint => sorted[index]?.idleNs ?? 0n;
  const firstAtLeast = (ns: bigint): number =>
    lowerBound(sorted.length, (index) => at(index) >= ns);
  for (let from = 0; from + ALIKE <= sorted.length; from++) {
    const width = spreadNs(at(from));
    const until = firstAtLeast(at(from) + width);
    const around =
      from - firstAtLeast(at(from) - width) + (firstAtLeast(at(from) + 2n * width) - until);
    const size = until - from;
    const torn = atOneMoment(from, until, width);
    if (torn || size < ALIKE || size < STANDS_OUT * around) continue;
    windows.push({ from, until });
  }
  return windows;
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
  const moments = sorted.map(({ judgement }) => judgement.record.endingAtNs);
  const at = (index: number): bigint => moments[index] ?? 0n;
  const earliest = new Extreme((a, b) => at(a) < at(b));
  const latest = new Extreme((a, b) => at(a) > at(b));
  let added = 0;
  return (from: number, until: number, widthNs: bigint): boolean => {
    for (; added < until; added++) {
      earliest.add(added);
      latest.add(added);
    }
    return at(latest.from(from)) - at(earliest.from(from)) < widthNs;
  };
}

function lowerBound(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

const spreadNs = (idleNs: bigint): bigint => {
  const part = idleNs / SPREAD_PART;
  return part > SPREAD_NS ? part : SPREAD_NS;
};

function timerFinding(close: Close, cluster: readonly Close[]): Judgement {
  const { record } = close.judgement;
  const first = cluster[0]?.idleNs ?? 0n;
  const last = cluster.at(-1)?.idleNs ?? 0n;
  const fact = (): string =>
    `${cluster.length} closes by the ${byOf(record.endingBy)} on this path, ` +
    `${durationText(first)} to ${durationText(last)} after the last payload`;
  const agreeing: Evidence = {
    get fact() {
      return fact();
    },
    speaksFor: 'endpoint-timer',
    weight: 0.5,
  };
  return decided(record, {
    signature: 'idle-close',
    verdict: 'endpoint-timer',
    confidence: Math.min(0.75, 0.5 + 0.05 * (cluster.length - ALIKE)),
    located: lazily(record, fact),
    evidence: [agreeing],
    payloadIdleNs: close.idleNs,
  });
}

/** Located when somebody asks: nobody reads the evidence of ten thousand closes. */
const lazily = (record: SilenceRecord, fact: () => string): Located => ({
  emitter: {
    is: 'endpoint',
    get because() {
      return [
        fact(),
        ...locate(record)
          .evidence.filter(forEndpoint)
          .map((e) => e.fact),
      ];
    },
  },
  get evidence() {
    return locate(record).evidence;
  },
  middlebox: 0,
  get form() {
    return locate(record).form;
  },
});

const forEndpoint = (evidence: Evidence): boolean => evidence.speaksFor === 'endpoint';
