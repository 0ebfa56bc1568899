/** The whole native surface, declared once. The only file that loads the addon. */
import { join } from 'node:path';
import { AppError } from '../base/errors.ts';
import { packageRoot } from '../base/root.ts';
import { FINGERPRINT } from '../base/silence-fields.ts';
import { hintFor } from './problems.ts';
import type { DeviceFacts, LiveOptions, NativeLive } from './live.ts';
import type { NoteCeilings, NoteTable, Thinned } from './notes.ts';
import type { Clusters, GroupedCloses, IdleQuestion, SilencesByLength } from './numbers.ts';

export interface AnalysisOptions {
  /** Paths, "-" is stdin. Several are merged into one time line by packet time. */
  readonly paths: readonly string[];
  /** This shard keeps the partitions p with p mod shards = shard. */
  readonly shard: number;
  readonly shards: number;
  readonly shortestNs: bigint;
  /** Ceiling of the whole analysis; a partition has 1/64 of it. */
  readonly maxFlows: number;
  /** A libpcap filter expression, or null. */
  readonly filter: string | null;
  /** Sources are several vantages of one network (`--together`): their capture points are never one. */
  readonly apart?: boolean;
  /** Native threads that may work beside the caller's, on cores that are idle: none where it is left out. */
  readonly helpers?: number;
  /** Rows of the tables of notes; left out: the chosen ceilings (native/flow/thin.h). */
  readonly noteCeilings?: NoteCeilings | undefined;
}

export interface SourceFacts {
  readonly name: string;
  /** "pcap", "pcapng", with ".gz" or ".zst" behind it when compressed. */
  readonly format: string;
  readonly bytesTotal: number;
  readonly bytesRead: number;
  readonly frames: number;
  readonly dropped: number;
  readonly badRecords: number;
  readonly firstAtNs: bigint;
  readonly lastAtNs: bigint;
  readonly complete: boolean;
  readonly problem: SourceProblem | null;
  /** Packets by fate, names as in native/packet.h; they add up to frames. */
  readonly fates: Readonly<Record<string, number>>;
  readonly filtered: number;
}

export interface SourceProblem {
  readonly code: string;
  readonly what: string;
  readonly atByte: number;
  readonly atFrame: number;
}

export interface CapturePointFacts {
  /** The first source that brought it, and all that did: the files of a rotation share a point. */
  readonly source: number;
  readonly sources: readonly number[];
  readonly name: string;
  readonly linkType: number;
  readonly snaplen: number;
  readonly firstAtNs: bigint;
  readonly lastAtNs: bigint;
  readonly packets: number;
}

/** What one tracker counted. Everything but `sources` and `capturePoints` adds up over all of them. */
export interface Counters {
  readonly flows: Readonly<Record<'seen' | 'established' | 'midStream', number>>;
  readonly evicted: Readonly<Record<'halfOpen' | 'oneSided' | 'closed' | 'open', number>>;
  /** Resets by what the tracker could decide alone; `inRecords` are decided by the judge. */
  readonly resets: Readonly<
    Record<
      | 'refused'
      | 'afterFin'
      | 'abort'
      | 'unknownConnection'
      | 'outOfWindow'
      | 'duplicate'
      | 'noSilence'
      | 'inRecords'
      | 'notExamined',
      number
    >
  >;
  /** Silences by outcome; those in records carry the rest. */
  readonly silences: Readonly<
    Record<
      | 'survived'
      | 'closed'
      | 'open'
      | 'unobserved'
      | 'killedInRecords'
      | 'closedInRecords'
      | 'openInRecords'
      | 'notExamined',
      number
    >
  >;
  readonly mirrored: number;
  /** Survived silences and stateless resets of responders that were left out because there were too many. */
  readonly notesOverflow: number;
  readonly tableBytes: number;
}

export interface Finished {
  readonly sources: readonly SourceFacts[];
  readonly capturePoints: readonly CapturePointFacts[];
  readonly counters: Counters;
  readonly thinned: Thinned;
  /** 64-bit hashes of the responders. */
  readonly places: Uint8Array;
  /** SURVIVOR_BIN records. */
  readonly survivors: Uint8Array;
  /** SURVIVOR_BIN records of silences that are open or were not observed. */
  readonly undecided: Uint8Array;
  /** ALIVE_STRIP records. */
  readonly alive: Uint8Array;
  /** RESET_SECOND records. */
  readonly resetSeconds: Uint8Array;
  /** GREETING records. */
  readonly greetings: Uint8Array;
  /** BLIND_SPOT records. */
  readonly blindSpots: Uint8Array;
}

export interface Progress {
  readonly bytesRead: number;
  /** 0 when unknown (a pipe). */
  readonly bytesTotal: number;
  readonly packets: number;
  /** SILENCE records, until they are taken. */
  readonly records: number;
}

export interface NativeAnalysis {
  /** Works for at most `milliseconds` (≤ 100). */
  run(milliseconds: number): 'more' | 'end';
  progress(): Progress;
  /**
   * After run() answered 'end', or earlier to stop: what is open is closed as open, everything is counted. By one tracker,
   * or by several with connections of their own.
   */
  finish(): Finished[];
  /** After finish(), once: SILENCE records in the order of native/flow/gather.h, copied out. */
  takeSilences(): Uint8Array;
  /** So for BIRTH records. */
  takeBirths(): Uint8Array;
  close(): void;
}

export interface CarverOptions {
  readonly paths: readonly string[];
  readonly filter: string | null;
  readonly tuples: readonly CarverTuple[];
}

/** A connection to cut out: its tuple as seen, in either direction, with ICMP errors that quote it. */
export interface CarverTuple {
  /** Dotted or RFC 5952 text. */
  readonly originatorAddress: string;
  readonly responderAddress: string;
  readonly originatorPort: number;
  readonly responderPort: number;
}

/** One matching frame: the link layer's bytes as captured. */
export interface CarvedFrame {
  /** Index into CarverOptions.tuples. */
  readonly tuple: number;
  readonly atNs: bigint;
  readonly number: number;
  readonly linkType: number;
  readonly capturePoint: number;
  readonly wireBytes: number;
  /** Offset of the innermost IP header in `bytes`. */
  readonly ipOffset: number;
  /** TCP payload bytes by the IP length. */
  readonly payloadBytes: number;
  readonly bytes: Uint8Array;
}

export interface NativeCarver {
  /** Works for at most `milliseconds` (≤ 100) and hands over the frames found; null at the end. */
  run(milliseconds: number): readonly CarvedFrame[] | null;
  close(): void;
}

/** One direction of a row of the kernel's connection table. */
export interface RowTuple {
  /** Dotted or RFC 5952 text. */
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** The end of a row of TCP: the kernel has forgotten the connection. */
export interface RowEnd {
  /** As the originator sent, and as answers come: they differ by the translation. */
  readonly original: RowTuple;
  readonly reply: RowTuple;
  /** CLOCK_REALTIME. */
  readonly atNs: bigint;
  /** `atNs` is the kernel's own mark (nf_conntrack_timestamp), not the time of reading. */
  readonly marked: boolean;
  readonly zone: number;
  /** enum tcp_conntrack of the kernel; null before Linux 5.7. */
  readonly state: number | null;
  readonly assured: boolean;
}

export interface NativeConntrackEvents {
  /** Up to `most` ends that are waiting; never blocks. */
  take(most: number): readonly RowEnd[];
  /** How often the kernel had to drop events, each time an unknown number. */
  overruns(): number;
  close(): void;
}

export interface NativeRings {
  /** Null where the card has none. */
  readonly sizes: Readonly<Record<'receive' | 'receiveMost' | 'send' | 'sendMost', number>> | null;
  /** The driver's own counters by its own names. */
  readonly counters: Readonly<Record<string, number>>;
}

/** What a socket is set to, whoever set it. */
export interface NativeKeepalive {
  readonly on: boolean;
  readonly idleSeconds: number;
  readonly intervalSeconds: number;
  readonly probes: number;
  /** TCP_USER_TIMEOUT; 0: none */
  readonly userTimeoutMs: number;
}

/** see native/flow/closes.h */
export interface CloseColumns {
  /** Places of plain closes among the records, by ending, frame, what came before, kind. */
  readonly rows: Int32Array;
  /** Places of all other records. */
  readonly others: Int32Array;
  /** By close: from the first of them to its ending, nanoseconds. */
  readonly moments: Float64Array;
  /** By close: from the last payload to its ending, nanoseconds; negative where none was seen. */
  readonly idles: Float64Array;
  /** By close: equal numbers are equal addresses of the originator at one capture point and in one tunnel; from 0. */
  readonly originators: Int32Array;
  /** By other record, in the same numbers. */
  readonly originatorsOfOthers: Int32Array;
  /** Closes of one responder by one side, by idle time: group g from `starts[g]` up to `starts[g + 1]`. */
  readonly order: Int32Array;
  readonly starts: Int32Array;
  readonly onPacketClock: number;
}

export interface Addon {
  readonly layoutFingerprint: number;
  /** Ends of rows in this network namespace. Throws E_CONNTRACK_DENIED without CAP_NET_ADMIN. */
  openConntrackEvents(bufferBytes: number): NativeConntrackEvents;
  /**
   * Becomes this user for good, keeping the capabilities with these numbers in the calling thread. Throws E_PRIVILEGES;
   * the process must end then, since some steps are done.
   */
  dropPrivileges(to: {
    readonly user: number;
    readonly group: number;
    readonly groups: readonly number[];
    readonly keep: readonly number[];
  }): void;
  /** Bits of the calling thread's effective capabilities. */
  effectiveCapabilities(): bigint;
  ringsOf(interfaceName: string): NativeRings;
  /** Of the socket with this inode; null where the process may not be traced or has closed it. */
  keepaliveOf(pid: number, descriptor: number, inode: bigint): NativeKeepalive | null;
  /** Throws with code E_INPUT_… when a source cannot be opened. */
  openAnalysis(options: AnalysisOptions): NativeAnalysis;
  openCarver(options: CarverOptions): NativeCarver;
  /** Throws with code E_CAPTURE_… when an interface cannot be captured from. */
  openLive(options: LiveOptions): NativeLive;
  /** Interfaces that libpcap finds here. Needs no privilege. */
  listDevices(): readonly DeviceFacts[];
  /** Null when libpcap compiles the expression, else libpcap's own complaint. */
  checkFilter(expression: string): string | null;
  /**
   * What several shards found, packed → one table in an order that no number of shards can change: records by time,
   * frame and bytes; counted rows by key, one a key.
   */
  gather(what: GatheredTable, parts: readonly Uint8Array[]): Uint8Array;
  /** Plain closes of ordered records, laid out for the rule that asks about many of them. */
  layOutCloses(silences: Uint8Array): CloseColumns;
  /** See numbers.ts, which is its door. */
  idleWindows(closes: GroupedCloses, question: IdleQuestion): Clusters;
  orderOf(keys: Float64Array): Int32Array;
  ladderOf(seconds: Float64Array, counts: Float64Array, kills: Float64Array): SilencesByLength;
  logAccidents(silences: SilencesByLength): number;
  sha1(message: Uint8Array): Uint8Array;
  /**
   * A merged table below its ceiling: the lowest level from `from.level` on at which `from.most` rows hold it. Where all stay
   * its rows are the very array that came.
   */
  thin(
    table: NoteTable,
    rows: readonly [Uint8Array],
    from: { readonly level: number; readonly most: number },
  ): { readonly rows: Uint8Array; readonly level: number; readonly dropped: number };
}

export type GatheredTable = 'silences' | 'births' | NoteTable;

let loaded: Addon | undefined;

export function addon(): Addon {
  loaded ??= load();
  return loaded;
}

function load(): Addon {
  const path = join(packageRoot(), 'build', 'Release', 'deadair.node');
  const module = { exports: {} };
  try {
    // What `require` comes down to, without loading node:module for it.
    process.dlopen(module, path);
  } catch (cause) {
    const hint = hintFor('E_ADDON_MISSING');
    throw new AppError('E_ADDON_MISSING', 'the native addon cannot be loaded', hint, cause);
  }
  const candidate = module.exports as Addon;
  // An addon from before its newest function is as stale as one of other layouts.
  if (candidate.layoutFingerprint !== FINGERPRINT || typeof candidate.ladderOf !== 'function') {
    throw new AppError(
      'E_LAYOUT_MISMATCH',
      'the native addon was built from other sources than this code',
      'run `npm run build`',
    );
  }
  return candidate;
}
