/**
 * Claim: when one side of a path closes again and again at the same time after the last payload, that side's
 * application, or a proxy speaking for it, has an idle timer of that length. Never a box, never keepalive advice.
 *
 * Why: an application counts payload; keepalives that were answered in between do not move its clock. Four closes
 * within 0.1 s or 2 % of each other are a timer, unless closes are so frequent on that path that chance would fill a window
 * as well, or they were all used and torn down at one moment. What one host closes in one moment counts once: a page of six
 * connections is one piece of evidence, but all six are told. That is asked of numbers alone: native/numbers/idle_windows.h.
 * Contradicted by a FIN or reset made mid-path (expiry-fin, expiry-reset), and by any FIN before.
 * A path may have several timers (a pool's and a server's): each cluster stands alone.
 *
 *   4 × [ payload · 60.0 s, keepalives answered · server > client FIN ACK ttl as always ]   → endpoint-timer, 60 s
 */
import type { SideIndex, SilenceRecord } from '../base/record.ts';
import { type Clusters, idleWindows } from '../capture/numbers.ts';
import { LOG_SELDOM } from './chance.ts';
import { type Decision, decided } from './compose.ts';
import { byOf } from './connection.ts';
import { type Located, locate } from './emitter.ts';
import type { Evidence, Judgement, Scene } from './finding.ts';
import { Candidates } from './idle-candidates.ts';
import type { Closes } from './plain-close.ts';
import { durationText } from './words.ts';

/** Decisions. */
export const ALIKE = 4;

/** The judgements and the closes of a timer among them, with findings; in the order of their endings. */
export function idleClose(
  judgements: readonly Judgement[],
  closes: Closes,
  { shortestNs }: Scene,
): readonly Judgement[] {
  const candidates = new Candidates(judgements, closes);
  const clusters = idleWindows(candidates, {
    shortestNs: Number(shortestNs),
    alike: ALIKE,
    logSeldom: LOG_SELDOM,
  });
  if (clusters.decisions.length === 0) return judgements;
  return candidates.merged(timersOf(clusters, candidates));
}

/** By close; undefined where no timer made it. */
function timersOf(
  { decisions, closes, starts }: Clusters,
  all: Candidates,
): readonly (Timer | undefined)[] {
  const timers = new Array<Timer | undefined>(all.idles.length);
  for (const [cluster, own] of decisions.entries()) {
    const some = closes.subarray(starts[cluster], starts[cluster + 1]);
    const [first, last] = [some[0] as number, some.at(-1) as number];
    const timer = new Timer({
      closes: some.length,
      decisions: own,
      by: all.by(first),
      first: all.idles[first] as number,
      last: all.idles[last] as number,
    });
    for (const close of some) timers[close] = timer;
  }
  return timers;
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
