/** The interfaces of this machine, in the order of their names. */
import { addon } from './addon.ts';
import type { DeviceFacts } from './live.ts';
import { asAppError } from './problems.ts';

export function listDevices(): readonly DeviceFacts[] {
  try {
    return [...addon().listDevices()].sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (thrown) {
    throw asAppError(thrown);
  }
}
