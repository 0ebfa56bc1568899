/** Findings page by page: the next one is asked for when the end of the list comes into sight. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiFailure, ask } from '../api/client.ts';
import type { Listed, StoredFinding } from '../api/shapes.ts';

const LIMIT = 200;

export interface FindingPages {
  readonly items: readonly StoredFinding[];
  readonly failure: ApiFailure | null;
  readonly loading: boolean;
  readonly complete: boolean;
  more(): void;
  reload(): void;
}

interface Held {
  readonly query: string;
  readonly items: readonly StoredFinding[];
  readonly next: string | null | undefined;
  readonly failure: ApiFailure | null;
}

const startWith = (query: string): Held => ({ query, items: [], next: undefined, failure: null });

/** What a list held when it was left: going back finds it as it was. */
const left = new Map<string, Held>();

export function useFindingPages(query: string): FindingPages {
  const [held, setHeld] = useState<Held>(() => left.get(query) ?? startWith(query));
  const busy = useRef<AbortController | null>(null);
  const current = held.query === query ? held : (left.get(query) ?? startWith(query));
  const load = useCallback(
    (from: Held) => {
      busy.current?.abort();
      const stop = new AbortController();
      busy.current = stop;
      const cursor =
        from.next === undefined || from.next === null
          ? ''
          : `&cursor=${encodeURIComponent(from.next)}`;
      const done = (now: Held) => {
        if (stop.signal.aborted) return;
        busy.current = null;
        left.clear();
        left.set(query, now);
        setHeld(now);
      };
      ask<Listed<StoredFinding>>(
        `/api/v1/findings?limit=${LIMIT}${query === '' ? '' : `&${query}`}${cursor}`,
        {
          signal: stop.signal,
        },
      ).then(
        ({ items, next }) => done({ query, items: [...from.items, ...items], next, failure: null }),
        (thrown: unknown) =>
          done({
            ...from,
            failure: thrown instanceof ApiFailure ? thrown : new ApiFailure(0, String(thrown)),
          }),
      );
    },
    [query],
  );
  useEffect(() => {
    const known = left.get(query);
    if (known === undefined) load(startWith(query));
    else setHeld(known);
    return () => busy.current?.abort();
  }, [query]);
  return {
    items: current.items,
    failure: current.failure,
    loading: current.next === undefined && current.failure === null,
    complete: current.next === null,
    more: () =>
      current.next && busy.current === null && current.failure === null ? load(current) : undefined,
    reload: () => load(startWith(query)),
  };
}
