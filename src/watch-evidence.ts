/**
 * The packets of findings, taken from the ring of recent headers when a finding is told and again at each update: what
 * came before is held only for so long, what comes after is not there yet.
 */
import type { CarvedFrame, CarverTuple } from './capture/addon.ts';
import type { Finding, Tuple } from './judge/finding.ts';
import { gather } from './path/rows.ts';
import { pcapngFile } from './report/carve/evidence-file.ts';

/** Chosen: updates come within a minute or two, for as long as frames fit. */
const HELD_BYTES = 32 * 2 ** 20;
/** Chosen, of one finding: two thousand headers, and a job on the queue stays small. */
const MOST_BYTES = 48 * 2 ** 10;

type Ask = (tuples: readonly CarverTuple[]) => Promise<readonly CarvedFrame[]>;

const tupleOf = ({ originator, responder }: Tuple): CarverTuple => ({
  originatorAddress: originator.address,
  responderAddress: responder.address,
  originatorPort: originator.port,
  responderPort: responder.port,
});

/** As it was seen, on the other side of the box, and as it came back. */
function tuplesOf({ record, translated }: Finding): readonly CarverTuple[] {
  const { originatorAddress, responderAddress, originatorPort, responderPort } = record;
  const own = { originatorAddress, responderAddress, originatorPort, responderPort };
  return translated === undefined ? [own] : [own, tupleOf(translated)];
}

const sizeOf = (frames: readonly CarvedFrame[]): number =>
  frames.reduce((sum, { bytes }) => sum + bytes.length + 32, 0);

/** By frame number, in order; the newest where there are too many, for the ending is among them. */
function joined(a: readonly CarvedFrame[], b: readonly CarvedFrame[]): CarvedFrame[] {
  const byNumber = new Map([...a, ...b].map((frame) => [frame.number, frame]));
  const all = [...byNumber.values()].sort((x, y) => (x.atNs < y.atNs ? -1 : 1));
  while (all.length > 1 && sizeOf(all) > MOST_BYTES) all.splice(0, Math.ceil(all.length / 8));
  return all;
}

export class Evidence {
  readonly #ask: Ask;
  readonly #held = new Map<string, CarvedFrame[]>();
  #heldBytes = 0;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** A pcapng file by finding id, of those of which a frame was held. */
  async of(
    findings: ReadonlyMap<string, Finding>,
    nameOf: (capturePoint: number) => string,
  ): Promise<Map<string, Uint8Array>> {
    const files = new Map<string, Uint8Array>();
    const asked = [...findings.values()].flatMap((finding) => {
      return tuplesOf(finding).map((tuple) => ({ finding, tuple }));
    });
    if (asked.length === 0) return files;
    const found = await this.#ask(asked.map(({ tuple }) => tuple));
    const byId = new Map<string, CarvedFrame[]>();
    for (const frame of found) gather(byId, asked[frame.tuple]?.finding.id ?? '', frame);
    for (const [id, finding] of findings) {
      const frames = (byId.get(id) ?? []).filter(
        ({ atNs }) => atNs >= finding.record.flowStartedAtNs,
      );
      const all = joined(this.#held.get(id) ?? [], frames);
      if (all.length === 0) continue;
      this.#hold(id, all);
      files.set(id, pcapngFile(`deadair ${id}`, all, nameOf));
    }
    return files;
  }

  #hold(id: string, frames: CarvedFrame[]): void {
    this.#heldBytes += sizeOf(frames) - sizeOf(this.#held.get(id) ?? []);
    this.#held.delete(id);
    this.#held.set(id, frames);
    for (const [oldest, list] of this.#held) {
      if (this.#heldBytes <= HELD_BYTES) break;
      this.#held.delete(oldest);
      this.#heldBytes -= sizeOf(list);
    }
  }
}
