/** Asks again when something happened that the page shows; a flood of events is one question. */
import { useCallback, useEffect, useRef } from 'preact/hooks';
import type { Happened } from '../api/shapes.ts';
import { useEvents } from '../live/events.ts';

/** Chosen, ms. */
const PAUSE = 700;

export function useFresh(types: RegExp, reloads: readonly (() => void)[]): void {
  const waiting = useRef<ReturnType<typeof setTimeout> | null>(null);
  const latest = useRef(reloads);
  latest.current = reloads;
  useEffect(() => () => clearTimeout(waiting.current ?? undefined), []);
  const listen = useCallback(({ type }: Happened) => {
    if (!types.test(type) || waiting.current !== null) return;
    waiting.current = setTimeout(() => {
      waiting.current = null;
      for (const reload of latest.current) reload();
    }, PAUSE);
  }, []);
  useEvents(listen);
}

/** For what changes without an event: asked again every so often, while there is a reason and the tab is in sight. */
export function useLooks(wanted: boolean, look: () => void, everyMs: number): void {
  useEffect(() => {
    if (!wanted) return undefined;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') look();
    }, everyMs);
    return () => clearInterval(timer);
  }, [wanted, look, everyMs]);
}
