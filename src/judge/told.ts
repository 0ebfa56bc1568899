/**
 * A decision as a finding whose words are made when somebody reads them: a capture may hold ten thousand closes of one
 * timer, of which a report shows one line.
 *
 * Always true: what is asked of ten thousand findings (signature, verdict, lengths) is a field; everything else is
 * computed from the record at the first question. A getter is not copied by `{ ...finding }`: a finding is changed by
 * `amended` alone.
 */
import { ownCopy, type SilenceRecord } from '../base/record.ts';
import { ENDING } from '../base/silence.ts';
import { byOf, hangNs, latencyNs, silenceNs, triggered, triggerName } from './connection.ts';
import type { Located } from './emitter.ts';
import type {
  Emitter,
  EmitterIs,
  Ending,
  Evidence,
  Finding,
  Signature,
  Trigger,
  Verdict,
} from './finding.ts';
import { findingId } from './identity.ts';
import { summarize } from './summary.ts';
import { durationText } from './words.ts';

/** What one rule says of a record. */
export interface Decision {
  readonly signature: Signature;
  readonly verdict: Verdict;
  readonly confidence: number;
  /** … or what tells it when somebody asks: a decision may be that of many records, and outlives the capture. */
  readonly located: Located | ((record: SilenceRecord) => Located);
  readonly evidence: readonly Evidence[] | ((record: SilenceRecord) => readonly Evidence[]);
  /** Who made it, where the rule has located it already: asked of every kill, and by many. */
  readonly emitter?: EmitterIs;
  /** see Finding */
  readonly heardLater?: boolean | null;
  readonly outlived?: boolean | null;
  readonly unvouched?: true;
}

/** What a further fact may change of it. */
export type Changes = Pick<Decision, 'verdict' | 'confidence' | 'unvouched'>;

/** A guess is never more than even odds; even proof leaves room for what the capture point cannot see. */
export const GUESS_AT_MOST = 0.5;
export const SURE_AT_MOST = 0.98;

export const atMost = (limit: number, value: number): number =>
  Math.round(Math.min(limit, Math.max(0, value)) * 100) / 100;

const NO_MORE: readonly Evidence[] = [];

export class Told implements Finding {
  readonly signature: Signature;
  readonly verdict: Verdict;
  readonly confidence: number;
  readonly silenceNs: bigint;
  readonly clock: Finding['clock'];
  declare readonly heardLater?: boolean | null;
  declare readonly outlived?: boolean | null;
  declare readonly unvouched?: true;
  readonly record: SilenceRecord;
  readonly #decision: Decision;
  readonly #more: readonly Evidence[];
  #id: string | undefined;
  #emitter: Emitter | undefined;
  #ending: Ending | undefined;

  /** `payloadIdleNs`: idle time of the payload clock, where that is the silence that matters. */
  constructor(
    record: SilenceRecord,
    decision: Decision,
    payloadIdleNs: bigint | null,
    more: readonly Evidence[] = NO_MORE,
  ) {
    this.signature = decision.signature;
    this.verdict = decision.verdict;
    this.confidence = atMost(SURE_AT_MOST, decision.confidence);
    this.silenceNs = payloadIdleNs ?? silenceNs(record);
    this.clock = payloadIdleNs === null ? 'packet' : 'payload';
    if (decision.heardLater !== undefined) this.heardLater = decision.heardLater;
    if (decision.outlived !== undefined) this.outlived = decision.outlived;
    if (decision.unvouched !== undefined) this.unvouched = decision.unvouched;
    this.record = record;
    this.#decision = decision;
    this.#more = more;
  }

  get id(): string {
    this.#id ??= findingId(this.record);
    return this.#id;
  }

  get #located(): Located {
    return locatedBy(this.#decision, this.record);
  }

  get trigger(): Trigger {
    return triggerOf(this.record);
  }

  get ending(): Ending {
    this.#ending ??= endingOf(this.record, () => this.#located.form);
    return this.#ending;
  }

  get emitter(): Emitter {
    this.#emitter ??= new ToldEmitter(this.#decision, this.record);
    return this.#emitter;
  }

  get evidence(): readonly Evidence[] {
    const { evidence } = this.#decision;
    const own = typeof evidence === 'function' ? evidence(this.record) : evidence;
    return [...this.#located.evidence, ...own, ...cameBack(this.record), ...this.#more];
  }

  get summary(): string {
    return summarize(this);
  }

  /** The same in another light. */
  again(changes: Changes, fact: Evidence): Told {
    const decision = { ...this.#decision, ...changes };
    const idleNs = this.clock === 'payload' ? this.silenceNs : null;
    return new Told(this.record, decision, idleNs, [...this.#more, fact]);
  }

  /** The same of an equal record. */
  of(record: SilenceRecord): Told {
    const idleNs = this.clock === 'payload' ? this.silenceNs : null;
    return new Told(record, this.#decision, idleNs, this.#more);
  }
}

/** The same finding for days: it keeps nothing of the capture that it was found in but its own record. */
export function kept(finding: Finding): Finding {
  const record = ownCopy(finding.record);
  if (finding instanceof Told) return finding.of(record);
  const { emitter, ending } = finding;
  const { is, because } = emitter;
  return { ...finding, record, emitter: { is, because }, ending: { ...ending } };
}

const locatedBy = ({ located }: Decision, record: SilenceRecord): Located =>
  typeof located === 'function' ? located(record) : located;

class ToldEmitter implements Emitter {
  readonly is: EmitterIs;
  readonly #decision: Decision;
  readonly #record: SilenceRecord;

  constructor(decision: Decision, record: SilenceRecord) {
    this.is = decision.emitter ?? locatedBy(decision, record).is;
    this.#decision = decision;
    this.#record = record;
  }

  get because(): readonly string[] {
    return locatedBy(this.#decision, this.#record).because;
  }
}

/** The same finding with changes: everything it says is said now. */
export function amended(finding: Finding, changes: Partial<Finding>): Finding {
  const { id, trigger, ending, emitter, evidence, summary } = finding;
  return { ...finding, id, trigger, ending, emitter, evidence, summary, ...changes };
}

/** A client that comes back shows that it was not done, and how much time it lost. */
function cameBack(record: SilenceRecord): readonly Evidence[] {
  if (record.reconnectedAtNs === 0n) return [];
  const since = record.endingAtNs === 0n ? record.triggerAtNs : record.endingAtNs;
  const fact = `the client connected again ${durationText(record.reconnectedAtNs - since)} later, from port ${record.reconnectPort}`;
  return [{ fact, speaksFor: 'box-timeout', weight: 0.05 }];
}

const triggerOf = (record: SilenceRecord): Trigger => ({
  kind: triggerName(record),
  by: triggered(record) ? byOf(record.triggerBy) : null,
  payloadBytes: triggered(record) ? record.triggerPayload : 0,
  retransmissions: record.retransmissions,
});

/** `formOf`: asked of few, and it takes all that locates a sender. */
function endingOf(record: SilenceRecord, formOf: () => Ending['form']): Ending {
  const hang = hangNs(record);
  if (record.endingKind === ENDING.none) {
    return { kind: 'none', by: null, form: null, atNs: null, latencyNs: null, hangNs: hang };
  }
  return {
    kind: record.endingKind === ENDING.rst ? 'rst' : 'fin',
    by: byOf(record.endingBy),
    get form() {
      return formOf();
    },
    atNs: record.endingAtNs,
    latencyNs: record.endingBy === record.triggerBy ? null : latencyNs(record),
    hangNs: hang,
  };
}
