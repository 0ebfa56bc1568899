/**
 * Marks by shape, so that an outcome is told without its colour, and lanes as one path each: five
 * thousand silences are a handful of DOM nodes.
 */
import type { Lane, Length } from './silences.ts';
import type { Scale } from './scale.ts';

type Shape = (x: number, y: number, r: number) => string;

const circle: Shape = (x, y, r) =>
  `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
const cross: Shape = (x, y, r) =>
  `M${x - r} ${y - r}L${x + r} ${y + r}M${x + r} ${y - r}L${x - r} ${y + r}`;
const plus: Shape = (x, y, r) => `M${x - r} ${y}H${x + r}M${x} ${y - r}V${y + r}`;
const diamond: Shape = (x, y, r) =>
  `M${x} ${y - r * 1.2}L${x + r * 1.2} ${y}L${x} ${y + r * 1.2}L${x - r * 1.2} ${y}Z`;
const square: Shape = (x, y, r) => `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}Z`;
const up: Shape = (x, y, r) => `M${x} ${y - r}L${x + r} ${y + r}L${x - r} ${y + r}Z`;
const down: Shape = (x, y, r) => `M${x} ${y + r}L${x + r} ${y - r}L${x - r} ${y - r}Z`;
const bar: Shape = (x, y, r) => `M${x} ${y - r}V${y + r}`;

const SHAPES: Readonly<Record<string, Shape>> = {
  survived: circle,
  'late-reset': cross,
  'keepalive-reset': plus,
  'expiry-reset': diamond,
  'expiry-fin': diamond,
  blackhole: down,
  remap: up,
  'orphan-reset': square,
  leak: up,
  'idle-close': bar,
  open: circle,
  unobserved: square,
};

export const shapeOf = (outcome: string): Shape => SHAPES[outcome] ?? cross;

/** Drawn with a line alone; the others are filled. */
export const isStroked = (outcome: string): boolean =>
  ['late-reset', 'keepalive-reset', 'idle-close', 'open', 'unobserved', 'leak'].includes(outcome);

export interface Drawn {
  readonly path: string;
  /** Marks one by one, or columns whose height grows with the logarithm of the count. */
  readonly as: 'marks' | 'columns';
  /** The highest column's count. */
  readonly most: number;
}

function columnsOf(lengths: readonly Length[], scale: Scale, width: number): Map<number, number> {
  const columns = new Map<number, number>();
  for (const { seconds, count } of lengths) {
    const column = Math.round((scale.x(seconds) - scale.left) / width);
    columns.set(column, (columns.get(column) ?? 0) + count);
  }
  return columns;
}

const round = (value: number): number => Math.round(value * 10) / 10;

interface Room {
  readonly bottom: number;
  readonly height: number;
}

function stacked(
  columns: ReadonlyMap<number, number>,
  lane: Lane,
  at: Room,
  r: number,
  x: (c: number) => number,
) {
  const shape = shapeOf(lane.outcome);
  const marks = [...columns].flatMap(([column, count]) =>
    Array.from({ length: count }, (_, i) =>
      shape(round(x(column)), round(at.bottom - r - 1 - i * (2 * r + 1)), r),
    ),
  );
  return marks.join('');
}

const THIN = 3;

/** The marks of a lane, standing on `bottom`. */
export function drawLane(lane: Lane, scale: Scale, room: Room, r: number): Drawn {
  const step = 2 * r + 1;
  const columns = columnsOf(lane.lengths, scale, step);
  const most = Math.max(0, ...columns.values());
  if (most * step <= room.height) {
    const path = stacked(columns, lane, room, r, (column) => scale.left + column * step);
    return { path, as: 'marks', most };
  }
  const thin = columnsOf(lane.lengths, scale, THIN);
  const highest = Math.max(...thin.values());
  const path = [...thin].map(([column, count]) => {
    const height = Math.max(3, (Math.log1p(count) / Math.log1p(highest)) * (room.height - 2));
    const x = round(scale.left + column * THIN - THIN / 2);
    return `M${x} ${room.bottom}v${-round(height)}h${THIN}v${round(height)}Z`;
  });
  return { path: path.join(''), as: 'columns', most: highest };
}
