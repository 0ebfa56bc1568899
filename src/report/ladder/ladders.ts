/**
 * Ladders of findings: a second reading of their captures, which keeps at most 64 packets of each.
 *
 * Works on findings as a report has them, so it serves a saved report and the stored evidence of a
 * live finding as well.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { addon, type CarvedFrame, type CarverTuple } from '../../capture/addon.ts';
import { addressBytes } from '../address.ts';
import { locateFrame } from '../analysis.ts';
import { reportTimeNs } from './report-time.ts';
import type { FindingReport, Report } from '../schema.ts';
import type { Packet } from '../carve/sink.ts';
import { composeLadder } from './compose.ts';
import type { Ladder } from './schema.ts';
import { shownSegment } from './segment.ts';
import { Sighting } from './sighting.ts';

/** Chosen: what a page that is mailed can bear. */
export const LADDERS_AT_MOST = 200;
const SLICE_MS = 50;

export interface LadderOptions {
  readonly paths: readonly string[];
  readonly filter: string | null;
  /** Clock offsets of captures read together; empty else. */
  readonly together: Report['together'];
  readonly signal: AbortSignal;
  /** How a packet is handed out with its ladder, null where it may not be; without this none is. */
  readonly packet?: (frame: CarvedFrame) => Packet | null;
}

interface Subject {
  readonly finding: FindingReport;
  readonly middleNs: bigint;
  /** By capture point and tuple. */
  readonly sightings: Map<string, Sighting>;
}

interface Wanted {
  readonly tuple: CarverTuple;
  /** Address bytes of the originator and its port, as segments show them. */
  readonly originator: string;
  readonly originatorPort: number;
  readonly subjects: Subject[];
}

const tupleOf = ({
  originator,
  responder,
}: Pick<FindingReport['flow'], 'originator' | 'responder'>) => ({
  originatorAddress: originator.address,
  responderAddress: responder.address,
  originatorPort: originator.port,
  responderPort: responder.port,
});

function subjectOf(finding: FindingReport): Subject {
  const { startedAt, endedAt } = finding.silence;
  return {
    finding,
    middleNs: (reportTimeNs(startedAt) + reportTimeNs(endedAt)) / 2n,
    sightings: new Map(),
  };
}

/** A connection is looked for under its own tuple, and under that which it has behind the box. */
export function wantedOf(subjects: readonly Subject[]): readonly Wanted[] {
  const byTuple = new Map<string, Wanted>();
  for (const subject of subjects) {
    const { flow } = subject.finding;
    for (const seen of flow.translated === null ? [flow] : [flow, flow.translated]) {
      const tuple = tupleOf(seen);
      const key = Object.values(tuple).join(' ');
      const wanted = byTuple.get(key) ?? {
        tuple,
        originator: addressBytes(tuple.originatorAddress).join('.'),
        originatorPort: tuple.originatorPort,
        subjects: [],
      };
      if (!wanted.subjects.includes(subject)) wanted.subjects.push(subject);
      byTuple.set(key, wanted);
    }
  }
  return [...byTuple.values()];
}

/** Source → nanoseconds that its clock is ahead of the first one's. */
function offsetsOf(together: Report['together']): ReadonlyMap<number, bigint> {
  return new Map(
    together.map(({ source, offsetSeconds }) => [
      source,
      BigInt(Math.round((offsetSeconds ?? 0) * 1e9)),
    ]),
  );
}

function take(
  frame: CarvedFrame,
  wanted: Wanted,
  offsets: ReadonlyMap<number, bigint>,
  packet: Packet | null,
): void {
  const shown = shownSegment(frame);
  if (shown === null) return;
  const offset = offsets.get(locateFrame(frame.number)?.source ?? 0) ?? 0n;
  const fromOriginator =
    shown.sender === wanted.originator &&
    (shown.segment === null || shown.segment.sourcePort === wanted.originatorPort);
  for (const { sightings, middleNs, finding } of wanted.subjects) {
    // Times of a finding are those of its own source.
    const own = offsets.get(finding.frames.source ?? 0) ?? 0n;
    const key = `${frame.capturePoint} ${frame.tuple}`;
    const sighting = sightings.get(key) ?? new Sighting(middleNs - own);
    sightings.set(key, sighting);
    const { number, payloadBytes } = frame;
    sighting.take({
      atNs: frame.atNs - offset,
      frame: { number, payloadBytes },
      shown,
      packet,
      fromOriginator,
    });
  }
}

async function readFrames(wanted: readonly Wanted[], options: LadderOptions): Promise<void> {
  const { paths, filter, signal } = options;
  const offsets = offsetsOf(options.together);
  const carver = addon().openCarver({ paths, filter, tuples: wanted.map(({ tuple }) => tuple) });
  try {
    for (let frames = carver.run(SLICE_MS); frames !== null; frames = carver.run(SLICE_MS)) {
      for (const frame of frames) {
        const those = wanted[frame.tuple];
        if (those !== undefined) take(frame, those, offsets, options.packet?.(frame) ?? null);
      }
      await nextTurn();
      if (signal.aborted) return;
    }
  } finally {
    carver.close();
  }
}

/**
 * Finding id → ladder, of the first {@link LADDERS_AT_MOST} findings whose packets are in the
 * captures. `paths` are those that the report was made from, in the same order. Throws E_INPUT_… when
 * one cannot be opened any more.
 */
export async function laddersOf(
  findings: readonly FindingReport[],
  options: LadderOptions,
): Promise<ReadonlyMap<string, Ladder>> {
  const subjects = findings.slice(0, LADDERS_AT_MOST).map(subjectOf);
  if (subjects.length > 0) await readFrames(wantedOf(subjects), options);
  const offsets = offsetsOf(options.together);
  const ladders = subjects.flatMap(({ finding, middleNs, sightings }) => {
    const own = offsets.get(finding.frames.source ?? 0) ?? 0n;
    const ladder = composeLadder([...sightings.values()], finding, middleNs - own);
    return ladder === null ? [] : [[finding.id, ladder] as const];
  });
  return new Map(ladders);
}
