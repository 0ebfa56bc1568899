/** T, the first thing to see: a band over all lanes, with its interval written large above it. */
import type { PathReport } from '../../src/report/schema.ts';
import { duration, intervalWords } from '../base/wording.ts';
import { clearPath } from './clear.ts';
import type { PlotLayout } from './layout.ts';

/** Chosen, px: the largest thing on the page; smaller only where the words would not fit. */
const FONT = 23;
/** Chosen, measured on the fonts of tokens.css: an average character of it, in its own size. */
const CHARACTER = 0.54;

function wordsOf({ timeout, endpointTimerSeconds }: PathReport): string {
  if (timeout.reason === 'endpoint-timer') {
    const at = endpointTimerSeconds === null ? '' : ` ${duration(endpointTimerSeconds)}`;
    return `endpoint’s timer${at}, no box`;
  }
  const interval = intervalWords(timeout);
  if (interval === null) return 'T is not known';
  const { lowSeconds, highSeconds } = timeout;
  if (lowSeconds !== null && highSeconds !== null) return `T ${interval}`;
  return highSeconds === null ? `T > ${duration(lowSeconds ?? 0)}` : `T ≤ ${duration(highSeconds)}`;
}

function TimerLine({ layout, seconds }: { layout: PlotLayout; seconds: number | null }) {
  if (seconds === null) return null;
  const x = layout.scale.x(seconds);
  const d = clearPath(layout, x, layout.lanesTop - 12, layout.lanesBottom);
  return <path class="band-timer" d={d} />;
}

function Band({ layout, path }: { layout: PlotLayout; path: PathReport }) {
  const { lowSeconds, highSeconds, estimateSeconds } = path.timeout;
  const { scale, lanesTop, lanesBottom } = layout;
  if (lowSeconds === null && highSeconds === null) {
    return <TimerLine layout={layout} seconds={path.endpointTimerSeconds} />;
  }
  const left = lowSeconds === null ? scale.left : scale.x(lowSeconds);
  const right = highSeconds === null ? scale.right : scale.x(highSeconds);
  const top = lanesTop - 12;
  const edges = [lowSeconds === null ? null : left, highSeconds === null ? null : right];
  return (
    <>
      <rect
        class="band"
        x={left}
        y={top}
        width={Math.max(2, right - left)}
        height={lanesBottom - top}
      />
      {edges.map((x) =>
        x === null ? null : <path class="band-edge" d={clearPath(layout, x, top, lanesBottom)} />,
      )}
      {estimateSeconds === null ? null : (
        <path
          class="band-estimate"
          d={clearPath(layout, scale.x(estimateSeconds), top, lanesBottom)}
        />
      )}
    </>
  );
}

export function Threshold({ layout, path }: { layout: PlotLayout; path: PathReport }) {
  const { lowSeconds, highSeconds, estimateSeconds } = path.timeout;
  const { scale } = layout;
  const words = wordsOf(path);
  const [low, high] = [lowSeconds ?? scale.low, highSeconds ?? scale.high];
  const middle = scale.x(estimateSeconds ?? path.endpointTimerSeconds ?? Math.sqrt(low * high));
  const size = Math.min(FONT, (scale.right - scale.left) / (words.length * CHARACTER));
  const half = (words.length * size * CHARACTER) / 2;
  const x = Math.min(
    Math.max(middle, scale.left + half),
    Math.max(scale.left + half, scale.right - half),
  );
  return (
    <g>
      <Band layout={layout} path={path} />
      <text class="threshold" style={{ fontSize: `${size}px` }} x={x} y={26} text-anchor="middle">
        {words}
      </text>
    </g>
  );
}
