import type { Cure } from './finding.ts';

/** What to set, made by a later stage from T and handed in: this one only says where it is missing. */
export interface Advice {
  /** The three keepalive numbers for the shortest T. */
  readonly keepalive: {
    readonly idleSeconds: number;
    readonly intervalSeconds: number;
    readonly probes: number;
  };
  /** Lines for programs that talk to these ports. */
  readonly forPrograms: (ports: readonly number[]) => readonly Cure[];
}
