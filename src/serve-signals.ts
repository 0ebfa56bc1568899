/** How a command that runs for ever is stopped: SIGTERM, SIGINT or its caller. A second signal does not wait. */
import { INTERRUPTED } from './failure.ts';

/** Resolves when it is to stop. Ctrl-C then no longer ends the process within a second, as it does a `read`. */
export function untilStopped(signal: AbortSignal): Promise<void> {
  process.removeAllListeners('SIGINT');
  return new Promise((resolve) => {
    let asked = false;
    const stop = () => {
      if (asked) process.exit(INTERRUPTED);
      asked = true;
      resolve();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });
}
