/** The live half of the native surface: interfaces that one worker watches. */
import type {
  CapturePointFacts,
  CarvedFrame,
  CarverTuple,
  Counters,
  Finished,
  SourceFacts,
} from './addon.ts';

export interface LiveOptions {
  /** Names of interfaces, or "any" alone. */
  readonly interfaces: readonly string[];
  /** A libpcap filter expression, or null: whatever may carry TCP. */
  readonly filter: string | null;
  readonly shortestNs: bigint;
  readonly maxFlows: number;
  /** Kernel ring of each interface. */
  readonly bufferBytes: number;
  /** Recent headers kept for evidence, 0 none. */
  readonly ringBytes: number;
  /** PACKET_FANOUT group of the first interface, the others count up from it; -1 for one worker. */
  readonly fanoutGroup: number;
  /** Frame numbers begin here and go up by the stride: those of all workers are different. */
  readonly firstFrame: number;
  readonly frameStride: number;
  /** Interfaces that a worker before met behind "any", in its order. */
  readonly places: readonly string[];
}

/** An interface as it stands; `dropped` counts what the kernel or the card had no room for. */
export interface LiveSource extends SourceFacts {
  /** Captured from, and a packet could cross it now. */
  readonly up: boolean;
}

export interface LiveStatus {
  readonly sources: readonly LiveSource[];
  readonly counters: Counters;
  readonly openSilences: number;
  /** A packet inside of a tunnel was seen. */
  readonly tunnels: boolean;
  /** Nanoseconds in which nothing could be seen, by capture point. */
  readonly blindNs: readonly bigint[];
}

export type LiveSnapshot = Finished & {
  readonly sources: readonly LiveSource[];
  readonly capturePoints: readonly CapturePointFacts[];
};

/** What a slice of work has brought. */
export const LIVE_NEWS = { silences: 1, previews: 2, births: 4 } as const;

export interface NativeLive {
  /** Works for at most `milliseconds` (≤ 100), or until there is news; answers LIVE_NEWS bits. */
  run(milliseconds: number): number;
  takeSilences(): Uint8Array;
  takeBirths(): Uint8Array;
  /** SILENCE records of kills whose story may go on, as they stand now. */
  previews(): Uint8Array;
  /** `countsOpen`: every connection in memory is looked at for `openSilences`; else it is 0. */
  status(countsOpen?: boolean): LiveStatus;
  /** What finish() gives, while the capture goes on. */
  snapshot(): LiveSnapshot;
  /** Reads what the kernel still holds (a quarter of a second) and closes every story. */
  finish(): LiveSnapshot;
  /** Frames of these connections that the ring still holds, oldest first, at most 4 MiB. */
  evidence(tuples: readonly CarverTuple[]): readonly CarvedFrame[];
  /** With other workers: whose clients' return this one waits for, packed for seek() of another one. */
  wanted(): Uint8Array;
  /** The first SYN of each that came to this worker, packed for hear() of the one that asked. */
  seek(wanted: Uint8Array): Uint8Array;
  hear(callers: Uint8Array): void;
  /** For tests: what a step of the wall clock by so many nanoseconds does. */
  stepClock(nanoseconds: bigint): void;
  close(): void;
}

export interface DeviceFacts {
  readonly name: string;
  readonly description: string;
  readonly up: boolean;
  readonly running: boolean;
  readonly loopback: boolean;
  readonly addresses: readonly string[];
}
