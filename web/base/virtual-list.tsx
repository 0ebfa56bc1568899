/**
 * A list of any length with a bounded number of DOM nodes: only the rows in sight, and some around
 * them. Rows have one height; j, k and the arrow keys move, Enter opens.
 */
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Chosen: rows kept above and below the visible ones. */
const AROUND = 8;

export interface ListProps {
  readonly count: number;
  readonly rowHeight: number;
  readonly label: string;
  readonly active: number;
  readonly onActive: (index: number) => void;
  readonly onOpen: (index: number) => void;
  readonly row: (index: number) => ComponentChildren;
  /** Asked whenever the last rows come into sight. */
  readonly onNearEnd?: () => void;
}

const MOVES: Readonly<Record<string, number>> = {
  j: 1,
  ArrowDown: 1,
  k: -1,
  ArrowUp: -1,
  PageDown: 10,
  PageUp: -10,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

function useVisible(count: number, rowHeight: number) {
  const ref = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  useLayoutEffect(() => {
    const list = ref.current;
    if (list === null) return undefined;
    const measure = () => setHeight(list.clientHeight);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(list);
    return () => observer.disconnect();
  }, []);
  const first = Math.max(0, Math.floor(top / rowHeight) - AROUND);
  const last = Math.min(count, Math.ceil((top + height) / rowHeight) + AROUND);
  return { ref, first, last, onScroll: () => setTop(ref.current?.scrollTop ?? 0) };
}

function scrollTo(list: HTMLUListElement | null, index: number, rowHeight: number): void {
  if (list === null) return;
  const [top, bottom] = [index * rowHeight, (index + 1) * rowHeight];
  if (top < list.scrollTop) list.scrollTop = top;
  else if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
}

export function VirtualList(props: ListProps) {
  const { count, rowHeight, label, active, onActive, onOpen, row, onNearEnd } = props;
  const { ref, first, last, onScroll } = useVisible(count, rowHeight);
  useEffect(() => {
    if (last >= count) onNearEnd?.();
  }, [last, count]);
  useEffect(() => scrollTo(ref.current, active, rowHeight), [active, rowHeight]);
  const key = (event: KeyboardEvent) => {
    const move = MOVES[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter' && active >= 0) onOpen(active);
    else if (move !== undefined) onActive(Math.min(Math.max(0, active + move), count - 1));
    else return;
    event.preventDefault();
  };
  return (
    <ul
      class="virtual"
      ref={ref}
      tabIndex={0}
      aria-label={label}
      onScroll={onScroll}
      onKeyDown={key}
    >
      <li class="virtual-room" aria-hidden="true" style={{ height: `${count * rowHeight}px` }} />
      {Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i).map((index) => (
        <li
          key={index}
          class={index === active ? 'virtual-row active' : 'virtual-row'}
          aria-setsize={count}
          aria-posinset={index + 1}
          aria-current={index === active ? 'true' : undefined}
          style={{ transform: `translateY(${index * rowHeight}px)`, height: `${rowHeight}px` }}
        >
          {row(index)}
        </li>
      ))}
    </ul>
  );
}
