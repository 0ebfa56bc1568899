/**
 * Where `deadair watch` hands over what it finds: stdout, a folder of carved packets, a queue.
 *
 * Always true: nothing here may keep the capture waiting. A call returns at once; what it cannot pass on yet an outlet
 * keeps in a bounded place of its own. Findings come in the order they were learnt; one that is known better later
 * comes again, whole, with the same id and a higher `update`.
 */
import type { Analysis } from './report/analysis.ts';
import type { FindingReport, PathReport } from './report/schema.ts';

export interface WatchedInterface {
  readonly name: string;
  /** Captured from at this moment. */
  readonly up: boolean;
  /** Frames handed over, and frames the kernel had no room for, since the start. */
  readonly packets: number;
  readonly drops: number;
}

/** What an agent tells of itself while it lives. */
export interface Heartbeat {
  readonly interfaces: readonly WatchedInterface[];
  /** Seconds in which no packet could be seen, the blindest interface's. */
  readonly blindSeconds: number;
  /** Findings so far. */
  readonly findings: number;
  /** Silences since the start by outcome, as the report counts them; missing before anything was judged. */
  readonly silences?: Analysis['silences'];
  /** RFC 3339, wall clock. */
  readonly at: string;
}

export interface Outlet {
  /** `evidence`: pcapng files by finding id, of those whose packets are still held. */
  findings(list: readonly FindingReport[], evidence: ReadonlyMap<string, Uint8Array>): void;
  /** Paths whose estimate is new or has changed. */
  paths(list: readonly PathReport[]): void;
  /** About every five seconds. */
  heartbeat(beat: Heartbeat): void;
  /** No more will come. Resolves when all is passed on, or after `withinMs`. */
  close(withinMs: number): Promise<void>;
}

/** All of them, one after the other. */
export const everyOutlet = (outlets: readonly Outlet[]): Outlet => ({
  findings(list, evidence) {
    for (const outlet of outlets) outlet.findings(list, evidence);
  },
  paths(list) {
    for (const outlet of outlets) outlet.paths(list);
  },
  heartbeat(beat) {
    for (const outlet of outlets) outlet.heartbeat(beat);
  },
  async close(withinMs) {
    await Promise.all(outlets.map((outlet) => outlet.close(withinMs)));
  },
});
