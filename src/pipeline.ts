/**
 * The packet's way in one call: capture → dispatch → judge → path, and what comes out is everything a report is made
 * of. No Redis, no database, no network: the command, the service's workers and the tests all come through here.
 */
import { readSilences } from './base/record.ts';
import { seconds } from './base/units.ts';
import { OUTCOME } from './base/silence.ts';
import type { Progress } from './capture/addon.ts';
import { problemError } from './capture/problems.ts';
import { runCapture } from './dispatch/capture.ts';
import type { Captured } from './dispatch/merge.ts';
import type { Workers } from './dispatch/shards.ts';
import type { Finding, Judgement } from './judge/finding.ts';
import { judge } from './judge/judge.ts';
import { blindSeconds } from './path/blind.ts';
import type { SourceClock } from './path/correlate/clocks.ts';
import { correlate } from './path/correlate/correlate.ts';
import { sameBursts } from './path/correlate/same-bursts.ts';
import { readFirstBytes } from './path/first-bytes.ts';
import { findPaths } from './path/paths.ts';
import { buildScene } from './path/scene.ts';
import { readSurvivors } from './path/survivors.ts';
import { tallyResets, tallySilences } from './path/tally.ts';
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

function conclude(captured: Captured, shortestNs: bigint, together: boolean): Analysis {
  const scene = buildScene(captured, shortestNs);
  let clocks: readonly SourceClock[] = [];
  const bothSides = (alone: readonly Judgement[]) => {
    const correlated = correlate(alone, { captured, scene, together });
    clocks = correlated.clocks;
    return correlated;
  };
  const records = readSilences(captured.silences, wantedOf(captured));
  const { judgements, bursts } = judge(records, scene, bothSides);
  const judged = judgements.flatMap(({ finding }) => (finding === null ? [] : [finding]));
  const placeName = (point: number) => {
    const { name = '', source = 0 } = captured.capturePoints[point] ?? {};
    // Their order is that of their first packets, and clocks may be apart: the source is what stays.
    return together ? `${name}@${source}` : name || String(point);
  };
  const { sources, capturePoints, counters } = captured;
  const { paths, findings } = findPaths(judged, readSurvivors(captured.survivors), {
    placeName,
    shortestSeconds: seconds(shortestNs),
    firstBytes: readFirstBytes(captured.greetings),
  });
  return {
    shortestNs,
    sources,
    capturePoints,
    counters,
    resetsByCause: tallyResets(counters, judgements, bursts),
    silences: tallySilences(counters, judgements),
    findings,
    paths,
    bursts: sameBursts(bursts, findings),
    blindSeconds: blindSeconds(captured),
    together: clocks,
  };
}

/** Throws AppError where nothing could be read, with the code of the reason. */
export async function analyse(options: AnalyseOptions): Promise<Analysis> {
  const asked = { ...DEFAULTS, ...options };
  const captured = await runCapture({ ...asked, apart: asked.together });
  refuseIfNothingRead(captured);
  const analysis = conclude(captured, asked.shortestNs, asked.together);
  options.onFindings?.(analysis.findings);
  return analysis;
}
