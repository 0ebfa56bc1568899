/** What one path shows of its timer, from one page or from several put together: order and origin leave no trace. */
import { type Ladder, ladder, type Observed } from './ladder.ts';
import { joined, type Lengths } from './lengths.ts';

export interface KillSeen {
  /** Length of the silence on the packet clock. */
  readonly seconds: number;
  /** Since the last payload, whatever packets crossed; null when none was seen. */
  readonly payloadSeconds: number | null;
  /** Made at expiry, asked for by nobody: the silence is T. */
  readonly atExpiry: boolean;
  /** The emitter was located mid-path, or a witness spoke for the responder. */
  readonly proven: boolean;
  /** When the silence began and when the state was known to be gone, nanoseconds. */
  readonly startedAtNs: bigint;
  readonly goneAtNs: bigint;
  /** Was anything older answered afterwards? If so nobody had restarted; null: unknown. */
  readonly outlived: boolean | null;
}

export interface Evidence {
  readonly kills: readonly KillSeen[];
  /** Binned ones at the longest of their bin … */
  readonly survivors: Lengths;
  /** … and the same ones at its lower end, but for the longest, which is exact. */
  readonly survivorsAtLeast: Lengths;
  /** Payload idle times that ended well: a proxy would have to explain them. */
  readonly payloadSurvivors: Lengths;
  /** Payload idle times at which an application or proxy closed by a timer of its own. */
  readonly endpointTimers: readonly number[];
}

type Makers = { readonly [Name in keyof Evidence]: () => Evidence[Name] };

/** Evidence that is made when the estimator asks for it: most of a page's is never looked at. */
export class Lazy implements Evidence {
  readonly #make: Makers;
  readonly #made: { -readonly [Name in keyof Evidence]?: Evidence[Name] } = {};

  constructor(make: Makers) {
    this.#make = make;
  }

  get kills(): Evidence['kills'] {
    return (this.#made.kills ??= this.#make.kills());
  }

  get survivors(): Evidence['survivors'] {
    return (this.#made.survivors ??= this.#make.survivors());
  }

  get survivorsAtLeast(): Evidence['survivorsAtLeast'] {
    return (this.#made.survivorsAtLeast ??= this.#make.survivorsAtLeast());
  }

  get payloadSurvivors(): Evidence['payloadSurvivors'] {
    return (this.#made.payloadSurvivors ??= this.#make.payloadSurvivors());
  }

  get endpointTimers(): Evidence['endpointTimers'] {
    return (this.#made.endpointTimers ??= this.#make.endpointTimers());
  }
}

export const together = (all: readonly Evidence[]): Evidence =>
  new Lazy({
    kills: () => all.flatMap(({ kills }) => kills),
    survivors: () => joined(all.map(({ survivors }) => survivors)),
    survivorsAtLeast: () => joined(all.map(({ survivorsAtLeast }) => survivorsAtLeast)),
    payloadSurvivors: () => joined(all.map(({ payloadSurvivors }) => payloadSurvivors)),
    endpointTimers: () => all.flatMap(({ endpointTimers }) => endpointTimers),
  });

export const lengthsOf = (kills: readonly KillSeen[]): Float64Array =>
  Float64Array.from(kills, ({ seconds }) => seconds);

export const onPacketClock = ({ kills, survivors }: Evidence): Observed => ({
  survived: survivors,
  killed: lengthsOf(kills),
});

const ladders = new WeakMap<Evidence, Ladder>();

/** … in order, put so once: who estimates and who merges look at the same. */
export function packetLadder(evidence: Evidence): Ladder {
  let steps = ladders.get(evidence);
  if (steps === undefined) ladders.set(evidence, (steps = ladder(onPacketClock(evidence))));
  return steps;
}

export const onPacketClockAtLeast = ({ kills, survivorsAtLeast }: Evidence): Observed => ({
  survived: survivorsAtLeast,
  killed: lengthsOf(kills),
});

export const onPayloadClock = ({ kills, payloadSurvivors }: Evidence): Observed => ({
  survived: payloadSurvivors,
  killed: Float64Array.from(kills.flatMap(({ payloadSeconds }) => payloadSeconds ?? [])),
});

/**
 * The fewest instants such that each killed silence spans one: so many restarts would explain all kills. (Sorted by end,
 * each instant taken as late as the next silence allows: the classic greedy, exact for intervals.)
 */
export function fewestInstants(kills: readonly KillSeen[]): number {
  const byEnd = [...kills].sort((a, b) => (a.goneAtNs < b.goneAtNs ? -1 : 1));
  let [instants, last] = [0, -1n];
  for (const { startedAtNs, goneAtNs } of byEnd) {
    if (instants > 0 && startedAtNs <= last) continue;
    instants += 1;
    last = goneAtNs;
  }
  return instants;
}
