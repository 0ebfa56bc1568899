/**
 * What a live capture has brought so far, judged whole each time something is new: the same judge, paths and correlation
 * as for files, so that what is said of a kill at once and what the report says at the end are one.
 *
 * Bounded for days: records are judged again for as long as they are among the newest; older ones keep the judgement
 * they had, and of those the findings are kept until there are too many. Everything is counted for ever.
 */
import { SILENCE, SILENCE_BYTES, OUTCOME } from './base/silence.ts';
import { readSilence, type SilenceRecord } from './base/record.ts';
import type { Captured } from './dispatch/merge.ts';
import { orderBirths, orderSilences } from './dispatch/gathered.ts';
import type { Finding, JudgedBurst, Judgement, Scene } from './judge/finding.ts';
import { judgeOne } from './judge/judge.ts';
import { kept } from './judge/told.ts';
import { tallyJudged } from './path/tally.ts';
import { leftOpen, type UndecidedBin } from './path/undecided.ts';
import { conclude, type Past } from './pipeline.ts';
import { type Analysis, placeKey } from './report/analysis.ts';

/** Chosen: a record is 316 bytes, and thirty thousand of them are judged in a few tenths of a second. */
export const BOUNDS = {
  records: 30_000,
  samples: 4000,
  births: 20_000,
  findings: 10_000,
  bursts: 1000,
};

export type Bounds = typeof BOUNDS;

const RECORDED: readonly number[] = [OUTCOME.killed, OUTCOME.closed];

/** One record each, copied out of their batch. */
function* each(packed: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at + size <= packed.byteLength; at += size) yield packed.slice(at, at + size);
}

/** The silence a record tells of, whichever telling it is. */
const storyKey = (r: SilenceRecord): string =>
  [
    r.startedAtNs,
    r.kind,
    r.capturePoint,
    r.originatorPort,
    r.responderPort,
    r.originatorAddress,
  ].join(' ');

const keyOf = (bytes: Uint8Array): string => storyKey(readSilence(bytes, 0));

const lastOf = <T>(list: readonly T[], most: number): T[] => list.slice(-most);

const add = (to: Record<string, number>, more: Readonly<Partial<Record<string, number>>>): void => {
  for (const [name, count] of Object.entries(more)) to[name] = (to[name] ?? 0) + (count ?? 0);
};

export class Story {
  readonly #shortestNs: bigint;
  readonly #bounds: Bounds;
  /** Kills and closes, then a sample of what survived or was open. */
  #records: Uint8Array[] = [];
  #samples: Uint8Array[] = [];
  #births: Uint8Array[] = [];
  readonly #previews = new Map<number, Uint8Array>();
  #findings: Finding[] = [];
  #bursts: JudgedBurst[] = [];
  #undecided: UndecidedBin[] = [];
  readonly #resets: Record<string, number> = {};
  readonly #silences: Record<string, number> = {};
  #scene: Scene | null = null;
  #forgotten = 0;

  constructor(shortestNs: bigint, bounds: Bounds = BOUNDS) {
    this.#shortestNs = shortestNs;
    this.#bounds = bounds;
  }

  /** Records that will not change any more. */
  add(silences: Uint8Array, births: Uint8Array): void {
    for (const record of each(silences, SILENCE_BYTES)) {
      const list = RECORDED.includes(record[SILENCE.outcome[0]] ?? 0)
        ? this.#records
        : this.#samples;
      list.push(record);
    }
    if (births.byteLength > 0) this.#births.push(births);
    if (this.#samples.length > 2 * this.#bounds.samples)
      this.#samples = lastOf(this.#samples, this.#bounds.samples);
    if (this.#births.length > 2 * this.#bounds.births)
      this.#births = lastOf(this.#births, this.#bounds.births);
  }

  /** Something is there that a birth may say more of. */
  get kills(): boolean {
    return [this.#records, ...this.#previews.values()].some(({ length }) => length > 0);
  }

  /** All previews of one worker. */
  preview(worker: number, silences: Uint8Array): void {
    this.#previews.set(worker, silences.slice());
  }

  /** What can be said of previews alone, at once; verdicts of many records come with the next conclusion. */
  glance(): readonly Finding[] {
    const scene = this.#scene;
    if (scene === null) return [];
    const records = [...this.#previews.values()].flatMap((packed) => [
      ...each(packed, SILENCE_BYTES),
    ]);
    return records.flatMap((bytes) => judgeOne(readSilence(bytes, 0), scene).finding ?? []);
  }

  /** `counted`: everything but records; `isProven`: does the kernel say so of a kill? */
  conclude(counted: Captured, isProven?: (finding: Finding) => boolean): Analysis {
    const captured = {
      ...counted,
      silences: orderSilences([...this.#records, ...this.#samples, ...this.#previews.values()]),
      births: orderBirths(this.#births),
    };
    const concluded = conclude(captured, {
      shortestNs: this.#shortestNs,
      together: false,
      past: this.#past(),
      isProven,
    });
    this.#scene = concluded.scene;
    // Of this analysis: what rolls off below is listed in it.
    const forgotten = this.#forgotten;
    if (this.#records.length > this.#bounds.records)
      this.#close(
        [...concluded.judgements, ...concluded.closes.judgementsLeft()],
        concluded.bursts,
      );
    return { ...concluded.analysis, forgotten };
  }

  #past(): Past {
    const { length } = this.#findings;
    return {
      findings: length === 0 ? [] : [...this.#findings],
      resets: this.#resets,
      silences: this.#silences,
      bursts: this.#bursts,
      undecided: this.#undecided,
    };
  }

  /** The older half is judged for good. */
  #close(judgements: readonly Judgement[], bursts: readonly JudgedBurst[]): void {
    const half = Math.floor(this.#records.length / 2);
    const keys = new Set(this.#records.slice(0, half).map(keyOf));
    this.#records = this.#records.slice(half);
    const closed = judgements.filter(({ record }) => keys.has(storyKey(record)));
    const { resets, silences } = tallyJudged(closed);
    add(this.#resets, resets);
    add(this.#silences, silences);
    this.#undecided = lastOf([...this.#undecided, ...leftOpen(closed)], this.#bounds.findings);
    const findings = closed.flatMap(({ finding }) => (finding === null ? [] : [kept(finding)]));
    const ids = new Set(findings.map(({ id }) => id));
    const all = [...this.#findings, ...findings];
    this.#findings = lastOf(all, this.#bounds.findings);
    this.#forgotten += all.length - this.#findings.length;
    const settled = bursts.filter((burst) => burst.findingIds.some((id) => ids.has(id)));
    this.#bursts = lastOf([...this.#bursts, ...settled], this.#bounds.bursts);
  }
}

/** What makes a telling of a finding another than the one before. */
export function tellingOf(finding: Finding): string {
  const { signature, verdict, emitter, ending, record, sameAs = [], translated } = finding;
  return JSON.stringify([
    signature,
    verdict,
    finding.confidence >= 0.8,
    emitter.is,
    ending.kind,
    record.pairAtNs !== 0n,
    record.reconnectedAtNs !== 0n,
    [...sameAs].sort(),
    translated ?? null,
  ]);
}

export const keyOfFinding = (finding: Finding): string => placeKey(finding.id, finding.record);
