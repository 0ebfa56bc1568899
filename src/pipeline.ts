/**
 * The packet's way in one call: capture → dispatch → judge → path, and what comes out is everything a report is made
 * of. No Redis, no database, no network: the command, the service's workers and the tests all come through here.
 */
import { readSilences, type SilenceRecord } from './base/record.ts';
import { seconds } from './base/units.ts';
import { OUTCOME } from './base/silence.ts';
import type { Counters, Progress } from './capture/addon.ts';
import { problemError } from './capture/problems.ts';
import { runCapture } from './dispatch/capture.ts';
import { closesIn } from './dispatch/gathered.ts';
import type { Captured } from './dispatch/merge.ts';
import { inOnePass } from './dispatch/one-pass.ts';
import type { Workers } from './dispatch/shards.ts';
import type {
  Finding,
  JudgedBurst,
  Judgement,
  ResetCause,
  Scene,
  SilenceOutcome,
} from './judge/finding.ts';
import { judge } from './judge/judge.ts';
import { type Closes, NO_CLOSES, sortOut } from './judge/plain-close.ts';
import { blindSeconds } from './path/blind.ts';
import type { SourceClock } from './path/correlate/clocks.ts';
import { correlate } from './path/correlate/correlate.ts';
import { sameBursts } from './path/correlate/same-bursts.ts';
import { readFirstBytes } from './path/first-bytes.ts';
import { findPaths } from './path/paths.ts';
import { buildScene } from './path/scene.ts';
import { readSurvivors } from './path/survivors.ts';
import { tallyResets, tallySilences } from './path/tally.ts';
import { leftOpen, readUndecided, type UndecidedBin, withoutFound } from './path/undecided.ts';
import type { Analysis } from './report/analysis.ts';

export interface AnalyseOptions {
  /** Captures of one vantage, in any order: they are one time line by packet time. "-" is stdin. */
  readonly paths: readonly string[];
  /** Each path is a vantage of its own, with its own clock: both sides of a box. */
  readonly together?: boolean;
  /** nanoseconds, default 20 s */
  readonly shortestNs?: bigint;
  /** `auto` by size and cores; 0 works in this thread; default `auto` */
  readonly workers?: Workers;
  /** Connections remembered at once, all shards together; default 2^21 */
  readonly maxFlows?: number;
  /** pcap-filter(7) */
  readonly filter?: string | null;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Aborting rejects with the signal's reason, within a few hundred milliseconds. */
  readonly signal?: AbortSignal | undefined;
  /** Called with findings as soon as they are final, in their order. */
  readonly onFindings?: ((findings: readonly Finding[]) => void) | undefined;
}

const DEFAULTS = {
  shortestNs: 20_000_000_000n,
  workers: 'auto',
  maxFlows: 2 ** 21,
  filter: null,
  together: false,
} as const;

/** A source that ended early is a fact of the report; only when none gave anything is it an error. */
function refuseIfNothingRead({ sources }: Captured): void {
  if (sources.some(({ frames, problem }) => frames > 0 || problem === null)) return;
  for (const { name, problem } of sources) {
    if (problem !== null) throw problemError(name, problem);
  }
}

/**
 * Silences that survived or are still open say nothing to the judge and are counted natively; they are read where they
 * may be the other side of something: several capture points, or connections that were met mid-stream.
 */
function wantedOf({ capturePoints, births }: Captured): (outcome: number) => boolean {
  const twins = capturePoints.length > 1;
  const returns = births.byteLength > 0;
  return (outcome) =>
    (outcome !== OUTCOME.survived || twins) && (outcome !== OUTCOME.open || twins || returns);
}

/** Where both sides of a box may be seen, every record is looked at one by one. */
function recordsOf(captured: Captured): {
  readonly records: Iterable<SilenceRecord>;
  readonly closes: Closes;
} {
  const { silences, capturePoints, births } = captured;
  const wanted = wantedOf(captured);
  return capturePoints.length > 1 || births.byteLength > 0
    ? { records: readSilences(silences, wanted), closes: NO_CLOSES }
    : sortOut(silences, closesIn(silences), wanted);
}

/** What was judged before and is not judged again: a capture of days has no room for all its records. */
export interface Past {
  readonly findings: readonly Finding[];
  readonly resets: Readonly<Partial<Record<ResetCause, number>>>;
  readonly silences: Readonly<Partial<Record<SilenceOutcome, number>>>;
  readonly bursts: readonly JudgedBurst[];
  readonly undecided: readonly UndecidedBin[];
}

export interface Conclusion {
  readonly analysis: Analysis;
  readonly judgements: readonly Judgement[];
  /** What stayed packed: closes that are no judgements of their own. */
  readonly closes: Closes;
  readonly bursts: readonly JudgedBurst[];
  readonly scene: Scene;
}

interface Question {
  readonly shortestNs: bigint;
  readonly together: boolean;
  readonly past: Past;
  /** Of a kill: did somebody see the box forget it? Packets alone do not tell. */
  readonly isProven?: ((finding: Finding) => boolean) | undefined;
}

/** Chosen: judging so many bytes of records takes longer than loading the module that sets V8's flags. */
const MANY = 1 << 20;

const NO_PAST: Past = { findings: [], resets: {}, silences: {}, bursts: [], undecided: [] };

function added<K extends string>(
  counts: Readonly<Partial<Record<K, number>>>,
  more: Readonly<Partial<Record<K, number>>>,
): Partial<Record<K, number>> {
  const sum: Partial<Record<K, number>> = { ...counts };
  for (const name of Object.keys(more) as K[]) sum[name] = (sum[name] ?? 0) + (more[name] ?? 0);
  return sum;
}

/** Resets that the past had in records are not among the judgements any more. */
function countersNow(counters: Counters, { resets }: Past): Counters {
  const inPast = Object.values(resets).reduce((sum, count) => sum + count, 0);
  const inRecords = Math.max(0, counters.resets.inRecords - inPast);
  return { ...counters, resets: { ...counters.resets, inRecords } };
}

/** From what a capture gave, up to now or to its end, to everything that a report is made of. */
export function conclude(captured: Captured, question: Question): Conclusion {
  const { shortestNs, together, past, isProven } = question;
  const survivors = readSurvivors(captured.survivors);
  const scene = buildScene(captured, shortestNs, survivors);
  let clocks: readonly SourceClock[] = [];
  const bothSides = (alone: readonly Judgement[]) => {
    const correlated = correlate(alone, { captured, scene, together });
    clocks = correlated.clocks;
    return correlated;
  };
  const { records, closes } = recordsOf(captured);
  const { judgements, bursts } = judge(records, scene, bothSides, closes);
  const judged = [
    ...past.findings,
    ...judgements.flatMap(({ finding }) => (finding === null ? [] : [finding])),
  ];
  const placeName = (point: number) => {
    const { name = '', source = 0 } = captured.capturePoints[point] ?? {};
    // Their order is that of their first packets, and clocks may be apart: the source is what stays.
    return together ? `${name}@${source}` : name || String(point);
  };
  const { sources, capturePoints, counters } = captured;
  const { paths, findings } = findPaths(judged, survivors, {
    placeName,
    isProven,
    shortestSeconds: seconds(shortestNs),
    firstBytes: readFirstBytes(captured.greetings),
    undecided: () => [
      ...withoutFound(readUndecided(captured.undecided), judgements),
      ...leftOpen(judgements),
      ...past.undecided,
    ],
  });
  const tally = tallyResets(countersNow(counters, past), judgements, bursts);
  const silences = tallySilences(counters, judgements, closes.silencesLeft);
  const analysis: Analysis = {
    shortestNs,
    sources,
    capturePoints,
    counters,
    resetsByCause: added(tally, past.resets),
    silences: { ...silences, ...added(silences, past.silences) },
    findings,
    paths,
    bursts: sameBursts([...past.bursts, ...bursts], findings),
    blindSeconds: blindSeconds(captured),
    together: clocks,
  };
  return { analysis, judgements, closes, bursts, scene };
}

/** Throws AppError where nothing could be read, with the code of the reason. */
export async function analyse(options: AnalyseOptions): Promise<Analysis> {
  const asked = { ...DEFAULTS, ...options };
  const captured = await runCapture({ ...asked, apart: asked.together });
  refuseIfNothingRead(captured);
  const concluded = () => conclude(captured, { ...asked, past: NO_PAST });
  const isLarge = captured.silences.byteLength >= MANY;
  const { analysis } = isLarge ? await inOnePass(concluded) : concluded();
  options.onFindings?.(analysis.findings);
  return analysis;
}
