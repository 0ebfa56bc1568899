/** The keepalive line: dragged, or moved with the keys, it says what it would have saved. */
import { useRef } from 'preact/hooks';
import { duration } from '../base/wording.ts';
import { clearPath } from './clear.ts';
import type { PlotLayout } from './layout.ts';

interface Props {
  readonly layout: PlotLayout;
  readonly seconds: number;
  readonly words: string;
  readonly onMove: (seconds: number) => void;
  readonly onReset: () => void;
}

/** Whole seconds, which is what the knobs take; below one, hundredths. */
export const settable = (seconds: number): number =>
  seconds >= 1 ? Math.round(seconds) : Math.max(0.01, Math.round(seconds * 100) / 100);

function stepped(seconds: number, share: number): number {
  const step = Math.max(seconds >= 1 ? 1 : 0.01, Math.abs(seconds * share));
  return settable(seconds + Math.sign(share) * step);
}

const KEYS: Readonly<Record<string, number>> = {
  ArrowLeft: -0.01,
  ArrowDown: -0.01,
  ArrowRight: 0.01,
  ArrowUp: 0.01,
  PageDown: -0.1,
  PageUp: 0.1,
};

function Grip({ x, y, text }: { x: number; y: number; text: string }) {
  const width = text.length * 7 + 38;
  return (
    <>
      <rect class="grip" x={x - width / 2} y={y} width={width} height={26} rx={13} />
      <path
        class="grip-arrows"
        d={`M${x - width / 2 + 14} ${y + 9}l-5 4 5 4M${x + width / 2 - 14} ${y + 9}l5 4-5 4`}
      />
      <text class="grip-text" x={x} y={y + 17.5} text-anchor="middle">
        {text}
      </text>
    </>
  );
}

export function KeepaliveLine({ layout, seconds, words, onMove, onReset }: Props) {
  const line = useRef<SVGGElement>(null);
  const { scale, lanesTop, lanesBottom, handleY } = layout;
  const x = scale.x(seconds);
  const text = `keepalive ${duration(seconds)}`;
  const half = (text.length * 7 + 38) / 2;
  const gripX = Math.min(Math.max(x, half), layout.width - half);
  const drag = (event: PointerEvent) => {
    const svg = line.current?.ownerSVGElement;
    if (event.buttons === 0 || !svg) return;
    onMove(settable(scale.seconds(event.clientX - svg.getBoundingClientRect().left)));
  };
  const key = (event: KeyboardEvent) => {
    const share = KEYS[event.key];
    if (share === undefined && event.key !== 'Home') return;
    event.preventDefault();
    if (share === undefined) onReset();
    else
      onMove(
        Math.min(Math.max(stepped(seconds, share), settable(scale.low)), settable(scale.high)),
      );
  };
  return (
    <g
      ref={line}
      class="keepalive"
      role="slider"
      tabindex={0}
      aria-label="Keepalive time to try"
      aria-valuemin={settable(scale.low)}
      aria-valuemax={settable(scale.high)}
      aria-valuenow={seconds}
      aria-valuetext={`${duration(seconds)}: ${words}`}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onKeyDown={key}
    >
      <path class="keepalive-line" d={clearPath(layout, x, lanesTop - 12, handleY + 4)} />
      <rect
        class="keepalive-reach"
        x={x - 14}
        y={lanesTop}
        width={28}
        height={lanesBottom - lanesTop}
      />
      <Grip x={gripX} y={handleY + 2} text={text} />
    </g>
  );
}
