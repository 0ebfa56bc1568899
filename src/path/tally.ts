/**
 * Counts that add up: what the tracker decided alone plus what the judge decided on records. Every reset has one
 * cause and every silence one outcome, so a reader can subtract.
 */
import type { SilenceRecord } from '../base/record.ts';
import { ENDING, OUTCOME, SILENCE_KIND } from '../base/silence.ts';
import type { Counters } from '../capture/addon.ts';
import type { JudgedBurst, Judgement, ResetCause, SilenceOutcome } from '../judge/finding.ts';

type ResetTally = Partial<Record<ResetCause, number>>;

/** The tracker's names → the report's. `inRecords` is not among them: the judge names those. */
const CAUSES = {
  refused: 'refused',
  afterFin: 'after-fin',
  abort: 'abort',
  unknownConnection: 'unknown-connection',
  outOfWindow: 'out-of-window',
  duplicate: 'duplicate',
  noSilence: 'no-silence',
  notExamined: 'not-examined',
} as const satisfies Partial<Record<keyof Counters['resets'], ResetCause>>;

function add(tally: ResetTally, cause: ResetCause, count: number): void {
  if (count > 0) tally[cause] = (tally[cause] ?? 0) + count;
}

/** Frames of the resets that travel in a record: the ending's when it is one, then the pair's. */
const resetFrames = ({ endingKind, frameEnding, framePair }: SilenceRecord): readonly number[] =>
  endingKind === ENDING.rst ? [frameEnding, framePair] : [framePair];

/**
 * Cause by frame. A reset that ended a packet silence and a payload silence of one connection travels in both
 * records and is one reset: the cause that belongs to a finding is kept.
 */
function causesByFrame(judgements: readonly Judgement[]): Map<number, ResetCause> {
  const causes = new Map<number, ResetCause>();
  const named = new Set<number>();
  for (const { record, resetCauses, finding } of judgements) {
    resetCauses.forEach((cause, i) => {
      const frame = resetFrames(record)[i] ?? 0;
      if (named.has(frame) || (causes.has(frame) && finding === null)) return;
      causes.set(frame, cause);
      if (finding !== null) named.add(frame);
    });
  }
  return causes;
}

/** Resets of a burst that came after no silence worth a record: connections that had just spoken when it struck. */
const sweptShortOnes = (bursts: readonly JudgedBurst[]): number =>
  bursts.reduce((sum, { flows, findingIds }) => sum + flows - findingIds.length, 0);

/** Silences that were open until a connection came back under another tuple: a finding, but no record of its own. */
const cameBack = ({ finding }: Judgement): boolean =>
  finding?.signature === 'remap' || finding?.signature === 'leak';

/** Their resets met the new tuple, which nobody had known long enough for a silence. */
function causesOfReturns(judgements: readonly Judgement[]): ResetCause[] {
  return judgements.flatMap((judgement) => {
    const { finding } = judgement;
    if (finding === null || !cameBack(judgement) || finding.ending.kind !== 'rst') return [];
    return [finding.verdict === 'burst' ? 'burst' : finding.signature];
  });
}

export function tallyResets(
  counters: Counters,
  judgements: readonly Judgement[],
  bursts: readonly JudgedBurst[] = [],
): ResetTally {
  const tally: ResetTally = {};
  const { noSilence } = counters.resets;
  const returns = causesOfReturns(judgements).slice(0, noSilence);
  const swept = Math.min(noSilence - returns.length, sweptShortOnes(bursts));
  for (const [name, cause] of Object.entries(CAUSES)) {
    const count = counters.resets[name as keyof typeof CAUSES];
    add(tally, cause, name === 'noSilence' ? count - swept - returns.length : count);
  }
  for (const cause of returns) add(tally, cause, 1);
  add(tally, 'burst', swept);
  const judged = causesByFrame(judgements);
  for (const cause of judged.values()) add(tally, cause, 1);
  // Their records were beyond the ceiling: counted natively, looked at by nobody.
  add(tally, 'not-examined', counters.resets.inRecords - judged.size);
  return tally;
}

/**
 * Outcomes that the tracker left to the judge. What is open at the end stays open whoever looks at it, and a sample of
 * the others travels too: already counted.
 */
const LEFT_TO_JUDGE: readonly number[] = [OUTCOME.killed, OUTCOME.closed];

/** A payload silence was crossed by packets: on the packet clock, which is counted here, it was several. */
const isCounted = ({ kind, outcome }: SilenceRecord): boolean =>
  kind === SILENCE_KIND.packet && LEFT_TO_JUDGE.includes(outcome);

/** `closedBeside`: silences on the packet clock that ended in a close of which there is no judgement. */
export function tallySilences(
  { silences }: Counters,
  judgements: readonly Judgement[],
  closedBeside = 0,
): Record<SilenceOutcome, number> {
  const tally = {
    survived: silences.survived,
    killed: 0,
    closed: silences.closed + closedBeside,
    open: silences.open + silences.openInRecords - judgements.filter(cameBack).length,
    unobserved: silences.unobserved + silences.notExamined,
  };
  for (const { record, outcome } of judgements) {
    if (isCounted(record)) tally[outcome] += 1;
  }
  return tally;
}

/** What judgements alone add to the counts: for those that are not judged again. */
export function tallyJudged(judgements: readonly Judgement[]): {
  readonly resets: ResetTally;
  readonly silences: Partial<Record<SilenceOutcome, number>>;
} {
  const resets: ResetTally = {};
  for (const cause of causesByFrame(judgements).values()) add(resets, cause, 1);
  const silences: Partial<Record<SilenceOutcome, number>> = {};
  for (const { record, outcome } of judgements) {
    if (isCounted(record)) silences[outcome] = (silences[outcome] ?? 0) + 1;
  }
  return { resets, silences };
}
