/** Upright lines of a silence plot leave out what is written there: no name and no time is crossed out. */
import { nameOf, type PlacedLane, type PlotLayout } from './layout.ts';

type Span = readonly [from: number, until: number];

/** Chosen: average characters of a lane's name and of a time, px. */
const NAME_CHARACTER = 7.4;
const TICK_CHARACTER = 7;
/** Where names begin, and the air around words. */
const INDENT = 20;
const AIR = 4;

/** A name above its lane; one beside it stands left of every line. */
function nameAt(lane: PlacedLane, layout: PlotLayout, x: number): readonly Span[] {
  const { count, outcome, drawn, top } = lane;
  const crowd = drawn.as === 'columns' && layout.named === 'above' ? 34 : 0;
  const letters = `${count.toLocaleString('en')} ${nameOf(outcome)}`.length + crowd;
  return layout.named !== 'beside' && x < INDENT + letters * NAME_CHARACTER + AIR
    ? [[top + 3, top + 22]]
    : [];
}

function tickAt({ ticks, lanesBottom }: PlotLayout, x: number): readonly Span[] {
  const near = ({ x: at, text }: { x: number; text: string }) =>
    Math.abs(at - x) < (text.length * TICK_CHARACTER) / 2 + AIR;
  return ticks.some(near) ? [[lanesBottom + 6, lanesBottom + 22]] : [];
}

/** A path from `top` down to `bottom` at `x`, with gaps where words are. */
export function clearPath(layout: PlotLayout, x: number, top: number, bottom: number): string {
  const words = [...layout.lanes.flatMap((lane) => nameAt(lane, layout, x)), ...tickAt(layout, x)];
  const at = Math.round(x * 10) / 10;
  let y = top;
  let path = '';
  for (const [from, until] of words) {
    if (until <= y || from >= bottom) continue;
    if (from > y) path += `M${at} ${y}V${from}`;
    y = until;
  }
  return y < bottom ? `${path}M${at} ${y}V${bottom}` : path;
}
