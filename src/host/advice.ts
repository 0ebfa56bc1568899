import type { Cure } from './finding.ts';

/**
 * What to set, made by a later stage from T and handed in: this one only says where it is missing.
 */
export interface Advice {
  /** The three keepalive numbers for the shortest T. */
  readonly keepalive: {
    readonly idleSeconds: number;
    readonly intervalSeconds: number;
    readonly probes: number;
  };
  /** For programs that set their own socket options. */
  readonly anyProgram: readonly Cure[];
  /** For the software that is usually met on these ports. */
  readonly onPorts: (ports: readonly number[]) => readonly Cure[];
}
