/**
 * Was a capture point watching? What it does not show proves something only where it would have shown it.
 *
 * Seen: its own packets, or those of another interface of the same file, reach beyond the moment. Assumed: the file
 * ends earlier, as it must where a box lets nothing through any more (a capture file does not say when its program
 * stopped), and nothing speaks against it: no responder was heard elsewhere meanwhile, whose answer must have crossed.
 * Never: blind there, or the file was not read to its end. Captures that lost packets weigh less.
 */
import { BLIND_SPOT } from '../../base/silence.ts';
import type { SilenceRecord } from '../../base/record.ts';
import type { Captured } from '../../dispatch/merge.ts';
import type { Scene } from '../../judge/finding.ts';
import { gather, rowsOf } from '../rows.ts';
import type { Clocks } from './clocks.ts';

/** How much "it was not seen there" proves; 0 nothing. */
const SEEN = 0.95;
const ASSUMED = 0.92;
const LOSSY = 0.8;

export interface Watched {
  readonly weight: number;
  readonly assumed: boolean;
}

export interface Watch {
  /** `point` between two moments of the record's own clock. */
  over(point: number, record: SilenceRecord, fromNs: bigint, untilNs: bigint): Watched | null;
  /** Last packet of a capture point, on the common clock. */
  lastNs(point: number): bigint | null;
}

interface Span {
  readonly fromNs: bigint;
  readonly untilNs: bigint;
}

function blindSpans({ blindSpots }: Captured): ReadonlyMap<number, readonly Span[]> {
  const spans = new Map<number, Span[]>();
  for (const row of rowsOf(blindSpots, BLIND_SPOT)) {
    gather(spans, row.getUint16(BLIND_SPOT.capturePoint[0], true), {
      fromNs: row.getBigUint64(BLIND_SPOT.fromNs[0], true),
      untilNs: row.getBigUint64(BLIND_SPOT.untilNs[0], true),
    });
  }
  return spans;
}

interface Recording {
  readonly firstAtNs: bigint;
  readonly lastAtNs: bigint;
  readonly complete: boolean;
  readonly dropped: number;
}

/** What was recorded at a point: the file that brought it, and those that go on with it (a rotation). */
function recordingOf({ sources, capturePoints }: Captured, point: number): Recording | null {
  const own = capturePoints[point]?.sources.flatMap((index) => sources[index] ?? []) ?? [];
  const [first, ...rest] = own;
  return first === undefined ? null : rest.reduce<Recording>(together, first);
}

const together = (so: Recording, one: Recording): Recording => ({
  firstAtNs: one.firstAtNs < so.firstAtNs ? one.firstAtNs : so.firstAtNs,
  lastAtNs: one.lastAtNs > so.lastAtNs ? one.lastAtNs : so.lastAtNs,
  complete: so.complete && one.complete,
  dropped: Math.max(so.dropped, one.dropped),
});

export function watchOf(captured: Captured, scene: Scene, clocks: Clocks): Watch {
  const blind = blindSpans(captured);
  const lastNs = (point: number): bigint | null =>
    clocks.common(point, captured.capturePoints[point]?.lastAtNs ?? 0n);

  /** A moment on the common clock → on the clock of a point. */
  const onClockOf = (point: number, ns: bigint): bigint => clocks.own(point, ns) ?? ns;

  const heardMeanwhile = (record: SilenceRecord, fromNs: bigint, untilNs: bigint): boolean => {
    const from = onClockOf(record.capturePoint, fromNs);
    return scene.responderAnswered(record, from + 1_000_000_000n, untilNs) === true;
  };

  return {
    lastNs,
    over(point, record, fromNs, untilNs) {
      const recording = recordingOf(captured, point);
      const from = clocks.common(record.capturePoint, fromNs);
      const until = clocks.common(record.capturePoint, untilNs);
      const last = lastNs(point);
      if (recording === null || from === null || until === null || last === null) return null;
      const [there, then] = [onClockOf(point, from), onClockOf(point, until)];
      if (there < recording.firstAtNs) return null;
      if ((blind.get(point) ?? []).some((span) => span.fromNs < then && there < span.untilNs)) {
        return null;
      }
      const assumed = then > recording.lastAtNs;
      if (assumed && (!recording.complete || heardMeanwhile(record, last, untilNs))) return null;
      return { weight: recording.dropped > 0 ? LOSSY : assumed ? ASSUMED : SEEN, assumed };
    },
  };
}
