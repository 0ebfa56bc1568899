/** Whether the service answered when it was asked last: said once for the whole page, not by each part of it. */
import { useEffect } from 'preact/hooks';
import { told } from '../base/told.ts';

const reached = told(true);

export const tellReached = reached.tell;
export const useReached = reached.use;

/** Chosen: how long after an unreached service it is asked again, ms. */
const AGAIN_MS = 5000;

/** Asks again while it was not reached; `round` changes with each try. */
export function useAgain(unreached: boolean, again: () => void, round: unknown): void {
  useEffect(() => {
    if (!unreached) return undefined;
    const timer = setTimeout(again, AGAIN_MS);
    return () => clearTimeout(timer);
  }, [unreached, round]);
}
