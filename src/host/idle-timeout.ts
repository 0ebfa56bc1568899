/**
 * The idle timeout T that everything is held against, and which connections it is about.
 *
 * Told by the operator it holds for all of them. From a report each path has its own, and
 * connections that are on no path of it are not judged. Told nothing, a common one is assumed, and
 * said to be so.
 */
import { networkTest } from './address.ts';

export interface IdlePath {
  /** "198.51.100.9/32": the responders of the path. */
  readonly network: string;
  readonly port: number;
  readonly seconds: number;
}

export interface IdleTimeout {
  /** The shortest, which binds the sysctls. */
  readonly seconds: number;
  /**
   * report-without: there is a report, but nothing in it was cut, so one is assumed all the same.
   */
  readonly from: 'flag' | 'report' | 'assumed' | 'report-without';
  /** Empty where it holds for every connection. */
  readonly paths: readonly IdlePath[];
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** What a finding calls it: of a report it is the lower end of an interval. */
export function safeText({ seconds, from }: IdleTimeout): string {
  if (from === 'flag') return `the box waits ${seconds} s`;
  return from === 'report'
    ? `by the report a silence is safe for ${seconds} s`
    : `many boxes wait ${seconds} s to 350 s`;
}

/** The T for a connection between two endpoints; null where none is known. */
export type TimeoutOf = (local: Endpoint, remote: Endpoint) => number | null;

export function timeoutOf({ seconds, from, paths }: IdleTimeout): TimeoutOf {
  if (from !== 'report') return () => seconds;
  const tests = paths.map((path) => ({ ...path, holds: networkTest(path.network) }));
  return (local, remote) => {
    const hit = tests.filter(({ port, holds }) =>
      [local, remote].some((end) => end.port === port && holds(end.address)),
    );
    return hit.length === 0 ? null : Math.min(...hit.map((path) => path.seconds));
  };
}

/** Azure Load Balancer and NAT gateway: the shortest default of the large clouds' layer-4 boxes. */
const COMMON_SECONDS = 240;

export const ASSUMED: IdleTimeout = { seconds: COMMON_SECONDS, from: 'assumed', paths: [] };
