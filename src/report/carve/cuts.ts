/** Which connection a packet of a tuple belongs to, where the same ports were used again and again. */
import type { CarverTuple } from '../../capture/addon.ts';
import type { Finding } from '../../judge/finding.ts';

/**
 * The connections of one tuple that findings are about, each from its first packet to that of the next. A packet is in one of
 * them at most, and is found by halving: a pool that dies every minute of a long capture has thousands.
 */
export class Cuts {
  readonly #ids = new Map<bigint, string[]>();
  #starts: bigint[] = [];

  add(id: string, fromNs: bigint): void {
    const ids = this.#ids.get(fromNs);
    if (ids === undefined) this.#ids.set(fromNs, [id]);
    else ids.push(id);
  }

  /** Once all are there. */
  sort(): this {
    this.#starts = [...this.#ids.keys()].sort((a, b) => (a < b ? -1 : 1));
    return this;
  }

  /** The findings of the connection that was open at this time. */
  at(atNs: bigint): readonly string[] {
    let [from, until] = [0, this.#starts.length];
    while (from < until) {
      const middle = (from + until) >> 1;
      if ((this.#starts[middle] as bigint) <= atNs) from = middle + 1;
      else until = middle;
    }
    const start = this.#starts[from - 1];
    return start === undefined ? [] : (this.#ids.get(start) ?? []);
  }
}

export interface Plan {
  readonly tuples: readonly CarverTuple[];
  /** By the place of the tuple. */
  readonly cuts: readonly Cuts[];
}

const tupleOf = ({ record }: Finding): CarverTuple => ({
  originatorAddress: record.originatorAddress,
  responderAddress: record.responderAddress,
  originatorPort: record.originatorPort,
  responderPort: record.responderPort,
});

/** A connection that came back at its own capture point has two. */
function tuplesOf(finding: Finding): readonly CarverTuple[] {
  const { signature, translated } = finding;
  if (translated === undefined || (signature !== 'remap' && signature !== 'leak')) {
    return [tupleOf(finding)];
  }
  const { originator, responder } = translated;
  const back = {
    originatorAddress: originator.address,
    responderAddress: responder.address,
    originatorPort: originator.port,
    responderPort: responder.port,
  };
  return [tupleOf(finding), back];
}

export function planCuts(findings: readonly Finding[], name: (id: string) => string): Plan {
  const byTuple = new Map<string, { tuple: CarverTuple; cuts: Cuts }>();
  for (const finding of findings) {
    for (const tuple of tuplesOf(finding)) {
      const key = Object.values(tuple).join(' ');
      const entry = byTuple.get(key) ?? { tuple, cuts: new Cuts() };
      entry.cuts.add(name(finding.id), finding.record.flowStartedAtNs);
      byTuple.set(key, entry);
    }
  }
  const entries = [...byTuple.values()];
  return {
    tuples: entries.map(({ tuple }) => tuple),
    cuts: entries.map(({ cuts }) => cuts.sort()),
  };
}
