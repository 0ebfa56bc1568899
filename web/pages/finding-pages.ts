/** Findings page by page: the next one is asked for when the end of the list comes into sight. */
import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type ApiFailure, ask } from '../api/client.ts';
import { useAgain } from '../api/reach.ts';
import { asFailure } from '../api/resource.ts';
import type { Listed, StoredFinding } from '../api/shapes.ts';

const LIMIT = 200;

export interface FindingPages {
  readonly items: readonly StoredFinding[];
  readonly failure: ApiFailure | null;
  readonly loading: boolean;
  readonly complete: boolean;
  readonly more: () => void;
  readonly reload: () => void;
  /** Once more what has failed. */
  readonly again: () => void;
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
      const fetched = async () => {
        const where = `limit=${LIMIT}${query === '' ? '' : `&${query}`}${cursor}`;
        try {
          const { items, next } = await ask<Listed<StoredFinding>>(`/api/v1/findings?${where}`, {
            signal: stop.signal,
          });
          done({ query, items: [...from.items, ...items], next, failure: null });
        } catch (thrown) {
          done({ ...from, failure: asFailure(thrown) });
        }
      };
      void fetched();
    },
    [query],
  );
  useLayoutEffect(() => {
    const known = left.get(query);
    if (known === undefined) load(startWith(query));
    else setHeld(known);
    return () => busy.current?.abort();
  }, [query]);
  const again = () => load({ ...current, failure: null });
  useAgain(current.failure?.status === 0, again, current);
  return {
    items: current.items,
    failure: current.failure,
    loading: current.next === undefined && current.failure === null,
    complete: current.next === null,
    more: () =>
      current.next && busy.current === null && current.failure === null ? load(current) : undefined,
    reload: () => load(startWith(query)),
    again,
  };
}
