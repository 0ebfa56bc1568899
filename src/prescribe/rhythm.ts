/**
 * Whose keepalive it probably is, told from the time that it waits: programs keep to their
 * defaults.
 *
 * Linux ip-sysctl.rst, tcp_keepalive_time 7200. Go net.Dialer, 15 s. MongoDB DRIVERS-383: servers
 * and drivers lower longer times to 300 s; its Node.js driver 120 s (NODE-6245). redis.conf,
 * tcp-keepalive 300.
 */
const LINUX = { seconds: 7200, whose: 'the default of Linux' };
const GO = { seconds: 15, whose: 'the default of programs in Go' };

const OF_STACK: Readonly<Record<string, readonly { seconds: number; whose: string }[]>> = {
  MongoDB: [
    { seconds: 300, whose: 'what MongoDB and its drivers set by themselves' },
    { seconds: 120, whose: "the default of MongoDB's Node.js driver" },
  ],
  Redis: [{ seconds: 300, whose: 'the default of a Redis server' }],
};

/** Chosen: timers of kernels and loops are late by less. */
const LATENESS = 0.02;

/** Null where it is nobody's in particular. */
export function whoseRhythm(seconds: number, stack: string | null): string | null {
  const known = [...(OF_STACK[stack ?? ''] ?? []), LINUX, GO];
  const found = known.find((one) => Math.abs(seconds - one.seconds) <= one.seconds * LATENESS);
  return found?.whose ?? null;
}
