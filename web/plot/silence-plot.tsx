/**
 * The silence plot of a path: silences that survived on the left, silences that killed on the
 * right, T between them, and a keepalive line to drag.
 */
import { useMemo, useState } from 'preact/hooks';
import type { PathReport } from '../../src/report/schema.ts';
import { useWidth } from '../base/measured.ts';
import { duration, intervalWords, pathTitle, reasonWords } from '../base/wording.ts';
import { clearPath } from './clear.ts';
import { KeepaliveLine, settable } from './keepalive-line.tsx';
import type { Placed } from './known.ts';
import { laneClass, Labels } from './labels.tsx';
import { layOut, type PlacedLane, type PlotLayout, rowY } from './layout.ts';
import { isStroked } from './marks.ts';
import { fatesAt, fatesWords, isKill, type Lane, lanesOf } from './silences.ts';
import { Threshold } from './threshold.tsx';

function LaneMarks({ lane, layout }: { lane: PlacedLane; layout: PlotLayout }) {
  const { outcome, bottom, drawn } = lane;
  const stroked = drawn.as === 'marks' && isStroked(outcome);
  return (
    <g class={`lane ${laneClass(outcome)}`}>
      <line class="lane-floor" x1={0} x2={layout.width} y1={bottom} y2={bottom} />
      <path class={stroked ? 'stroked' : 'filled'} d={drawn.path} />
    </g>
  );
}

function Grid({ layout }: { layout: PlotLayout }) {
  const { ticks, lanesTop, lanesBottom } = layout;
  return (
    <g class="axis">
      {ticks.map(({ x, text }) => (
        <path key={text} d={clearPath(layout, x, lanesTop, lanesBottom + 5)} />
      ))}
    </g>
  );
}

const isBox = ({ kind }: Placed): boolean => kind === 'box' || kind === 'hint';

function MarkLines({ mark, layout }: { mark: Placed; layout: PlotLayout }) {
  const { lanesTop, lanesBottom } = layout;
  const until = mark.row === null ? lanesBottom + 30 : rowY(layout, mark.row) - 11;
  return (
    <g class={`mark ${mark.kind}`}>
      <title>{mark.title}</title>
      <path d={clearPath(layout, mark.x, lanesBottom - 7, lanesBottom + 5)} />
      <path d={clearPath(layout, mark.x, isBox(mark) ? lanesBottom + 22 : lanesTop, until)} />
    </g>
  );
}

/** Names after all lines, so that none is crossed out. */
function Marks({ layout }: { layout: PlotLayout }) {
  const named = layout.marks.flatMap((mark) =>
    mark.row === null ? [] : [{ mark, row: mark.row }],
  );
  return (
    <g class="marks">
      {layout.marks.map((mark) => (
        <MarkLines key={`${mark.kind} ${mark.seconds}`} mark={mark} layout={layout} />
      ))}
      {named.map(({ mark, row }) => (
        <g key={`${mark.kind} ${mark.seconds}`} class={`mark ${mark.kind}`}>
          <text x={mark.textX} y={rowY(layout, row)} text-anchor="middle">
            {mark.text}
          </text>
        </g>
      ))}
    </g>
  );
}

function shareShorter(lane: Lane | undefined, than: number): string {
  if (lane === undefined) return '0';
  const shorter = lane.lengths.reduce(
    (n, { seconds, count: c }) => (seconds < than ? n + c : n),
    0,
  );
  return `${shorter} of ${lane.count}`;
}

function hoverWords(lanes: readonly Lane[], at: number): string {
  const survived = lanes.find(({ outcome }) => outcome === 'survived');
  const kills = lanes.filter(({ outcome }) => isKill(outcome));
  const lengths = kills.flatMap((lane) => lane.lengths);
  const killed = { outcome: '', lengths, count: kills.reduce((n, lane) => n + lane.count, 0) };
  return `Shorter than ${duration(at)}: ${shareShorter(survived, at)} that survived, ${shareShorter(killed, at)} that were ended`;
}

function summary(path: PathReport): string {
  const interval = intervalWords(path.timeout);
  const why = reasonWords(path.timeout.reason);
  const known =
    interval === null ? `T is not known: ${why ?? 'no reason given'}` : `T is ${interval}`;
  return `Silences to ${pathTitle(path)}: ${path.survived} survived, ${path.killed} were killed; ${known}`;
}

/** Where the line begins: the prescription, else what was seen; null where a box killed nothing to save. */
export function firstKeepalive({ remedy, keepalive, killed, timeout }: PathReport): number | null {
  if (killed === 0 || timeout.reason === 'endpoint-timer') return null;
  const seen = keepalive.seenEverySeconds;
  return remedy?.keepaliveTimeSeconds ?? (seen === null ? null : settable(seen));
}

function Readout({ hover, line }: { hover: string | null; line: string | null }) {
  return (
    <p class="plot-readout" aria-live="off">
      {hover ?? line ?? 'Point at the plot to count what is shorter.'}
    </p>
  );
}

const NONE: readonly number[] = [];

export function SilencePlot({
  path,
  closes = NONE,
}: {
  path: PathReport;
  closes?: readonly number[];
}) {
  const [box, width] = useWidth<HTMLElement>();
  const lanes = useMemo(() => lanesOf(path, closes), [path, closes]);
  const layout = useMemo(
    () => layOut(path, lanes, Math.max(280, width || 640)),
    [path, lanes, width],
  );
  const first = firstKeepalive(path);
  const [chosen, setChosen] = useState<number | null>(null);
  const [hover, setHover] = useState<number | null>(null);
  const keepalive = chosen ?? first;
  const words = keepalive === null ? '' : fatesWords(fatesAt(lanes, path, keepalive));
  const point = (event: PointerEvent & { currentTarget: SVGSVGElement }) =>
    setHover(
      layout.scale.seconds(event.clientX - event.currentTarget.getBoundingClientRect().left),
    );
  return (
    <figure class="plot" ref={box}>
      <svg
        width={layout.width}
        height={layout.height}
        viewBox={`0 0 ${layout.width} ${layout.height}`}
        role="group"
        aria-label={summary(path)}
        onPointerMove={point}
        onPointerLeave={() => setHover(null)}
      >
        <g aria-hidden="true">
          <Grid layout={layout} />
          <Threshold layout={layout} path={path} />
          {layout.lanes.map((lane) => (
            <LaneMarks key={lane.outcome} lane={lane} layout={layout} />
          ))}
          <Marks layout={layout} />
          {hover === null ? null : (
            <line
              class="hair"
              x1={layout.scale.x(hover)}
              x2={layout.scale.x(hover)}
              y1={layout.lanesTop}
              y2={layout.lanesBottom}
            />
          )}
        </g>
        {keepalive === null ? null : (
          <KeepaliveLine
            layout={layout}
            seconds={keepalive}
            words={words}
            onMove={setChosen}
            onReset={() => setChosen(null)}
          />
        )}
        <Labels layout={layout} />
      </svg>
      <figcaption>
        <Readout
          hover={hover === null ? null : hoverWords(lanes, hover)}
          line={
            keepalive === null
              ? null
              : `Keepalive after ${duration(keepalive)} of silence ${words}.`
          }
        />
      </figcaption>
    </figure>
  );
}
