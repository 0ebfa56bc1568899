/**
 * Something of the API in a page: loading, there, or failed; what was there stays in sight while it is asked for again.
 * Coming back to a page shows at once what it showed before.
 */
import { useCallback, useLayoutEffect, useState } from 'preact/hooks';
import { ApiFailure, ask } from './client.ts';
import { useAgain } from './reach.ts';

export interface Resource<T> {
  readonly data: T | null;
  readonly failure: ApiFailure | null;
  readonly loading: boolean;
  readonly reload: () => void;
  /** Puts in what the API has just answered to a change. */
  readonly put: (data: T) => void;
}

/** Chosen. */
const KEPT = 50;
const kept = new Map<string, unknown>();

function keep(path: string, data: unknown): void {
  kept.delete(path);
  kept.set(path, data);
  const [oldest] = kept.keys();
  if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
}

/** Of everybody: after a login or a logout. */
export const forgetAll = (): void => kept.clear();

interface Held<T> {
  readonly path: string | null;
  readonly data: T | null;
  readonly failure: ApiFailure | null;
}

const startWith = <T>(path: string | null): Held<T> => ({
  path,
  data: path === null ? null : ((kept.get(path) as T | undefined) ?? null),
  failure: null,
});

export const asFailure = (thrown: unknown): ApiFailure =>
  thrown instanceof ApiFailure ? thrown : new ApiFailure(0, String(thrown));

export function useResource<T>(path: string | null): Resource<T> {
  const [held, setHeld] = useState<Held<T>>(() => startWith<T>(path));
  const [round, setRound] = useState(0);
  const current = held.path === path ? held : startWith<T>(path);
  // Not after the paint: what is asked for now is there sooner.
  useLayoutEffect(() => {
    if (path === null) return undefined;
    const stop = new AbortController();
    const load = async () => {
      try {
        const data = await ask<T>(path, { signal: stop.signal });
        keep(path, data);
        setHeld({ path, data, failure: null });
      } catch (thrown) {
        if (stop.signal.aborted) return;
        setHeld((before) => ({
          path,
          data: before.path === path ? before.data : startWith<T>(path).data,
          failure: asFailure(thrown),
        }));
      }
    };
    void load();
    return () => stop.abort();
  }, [path, round]);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  useAgain(current.failure?.status === 0, reload, round);
  const put = (data: T) => {
    if (path !== null) keep(path, data);
    setHeld({ path, data, failure: null });
  };
  return {
    data: current.data,
    failure: current.failure,
    loading: current.data === null && current.failure === null,
    reload,
    put,
  };
}
