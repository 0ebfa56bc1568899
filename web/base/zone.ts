/** Times are the reader's own, or UTC for all of the page: hover tells the other one, and `u` changes them for the keyboard. */
import { told } from './told.ts';

export type Zone = 'local' | 'utc';

const KEY = 'deadair zone';

/** A report in a sandbox has nothing to keep it in. */
function kept(): Zone {
  try {
    return window.localStorage.getItem(KEY) === 'utc' ? 'utc' : 'local';
  } catch {
    return 'local';
  }
}

const zone = told(kept());

export const useZone = zone.use;

export function setZone(now: Zone): void {
  try {
    window.localStorage.setItem(KEY, now);
  } catch {
    // It holds until the page is left.
  }
  zone.tell(now);
}

export const isTyping = (target: EventTarget | null): boolean =>
  (target instanceof HTMLInputElement && !['radio', 'checkbox'].includes(target.type)) ||
  target instanceof HTMLTextAreaElement ||
  target instanceof HTMLSelectElement;

export function watchZoneKey(): void {
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'u' || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!isTyping(event.target)) setZone(zone.now() === 'utc' ? 'local' : 'utc');
  });
}
