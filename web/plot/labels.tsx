/** What is written into a silence plot: the names of the lanes and the times of the axis. Lines leave them room (clear.ts). */
import { count } from '../../src/report/text/quantity.ts';
import { isKill } from './silences.ts';
import { nameOf, type PlacedLane, type PlotLayout } from './layout.ts';
import { isStroked, shapeOf } from './marks.ts';

export const laneClass = (outcome: string): string =>
  outcome === 'idle-close' ? 'endpoint' : isKill(outcome) ? 'killed' : outcome;

/** Columns show no single silence: how many the highest stands for. */
function crowdWords({ drawn }: PlacedLane, layout: PlotLayout): string | null {
  return drawn.as === 'columns' && layout.named !== 'narrow'
    ? `up to ${count(drawn.most, 'silence')} in one place`
    : null;
}

function LaneLabel({ lane, layout }: { lane: PlacedLane; layout: PlotLayout }) {
  const { outcome, top } = lane;
  const crowd = crowdWords(lane, layout);
  return (
    <g class={`lane-label ${laneClass(outcome)}`}>
      <path
        class={`key ${isStroked(outcome) ? 'stroked' : 'filled'}`}
        d={shapeOf(outcome)(8, top + 13, 4)}
      />
      <text class="lane-name" x={20} y={top + 17}>
        <tspan class="lane-count">{lane.count.toLocaleString('en')}</tspan> {nameOf(outcome)}
        {crowd === null ? '' : ', '}
        {crowd === null ? null : layout.named === 'beside' ? (
          <tspan class="lane-crowd" x={20} dy={16}>
            {crowd}
          </tspan>
        ) : (
          crowd
        )}
      </text>
    </g>
  );
}

export function Labels({ layout }: { layout: PlotLayout }) {
  return (
    <g class="labels" aria-hidden="true">
      {layout.lanes.map((lane) => (
        <LaneLabel key={lane.outcome} lane={lane} layout={layout} />
      ))}
      {layout.ticks.map(({ x, text }) => (
        <text key={text} class="tick" x={x} y={layout.lanesBottom + 18} text-anchor="middle">
          {text}
        </text>
      ))}
    </g>
  );
}
