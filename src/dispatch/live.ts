/**
 * A live capture: one worker an interface set by default, more in one PACKET_FANOUT group, which parts frames by
 * connection. Whoever listens hears records as they are made; everything counted is asked for.
 */
import type { Piscina } from 'piscina';
import { AppError } from '../base/errors.ts';
import { addon, type CarvedFrame, type CarverTuple } from '../capture/addon.ts';
import type { LiveOptions, LiveSnapshot, LiveSource } from '../capture/live.ts';
import { asAppError } from '../capture/problems.ts';
import { type BlindTime, HEADROOM, LiveMember, wallNs } from './live-member.ts';
import { byIndex, mergeLive, mergeSource } from './live-merge.ts';
import type { Captured } from './merge.ts';
import { openPool } from './pool.ts';

export interface LiveCaptureOptions {
  readonly interfaces: readonly string[];
  readonly filter: string | null;
  readonly shortestNs: bigint;
  readonly maxFlows: number;
  readonly bufferBytes: number;
  readonly ringBytes: number;
  readonly workers: number;
  /** Tell how many silences are open: each second every connection in memory is looked at. */
  readonly countsOpen?: boolean;
}

export interface LiveListener {
  records(silences: Uint8Array, births: Uint8Array): void;
  /** Of one worker: all of its previews, in place of those before. */
  previews(worker: number, silences: Uint8Array): void;
  status(): void;
  restarted(worker: number, blind: BlindTime): void;
  /** Several workers gave way to one, which sees both directions of what is inside of tunnels. */
  narrowed(blind: BlindTime): void;
}

export interface LiveCounts {
  readonly sources: readonly LiveSource[];
  readonly flows: number;
  readonly openSilences: number;
}

/** A 16-bit number that no other process of this network namespace has: they all have other pids. */
const fanoutGroup = (workers: number): number => (workers < 2 ? -1 : (process.pid * 16) & 0xfff0);

function optionsOf(options: LiveCaptureOptions, worker: number): LiveOptions {
  const { workers, maxFlows, ringBytes, countsOpen: _, ...same } = options;
  return {
    ...same,
    maxFlows: Math.max(64, Math.floor(maxFlows / workers)),
    ringBytes: Math.floor(ringBytes / workers),
    fanoutGroup: fanoutGroup(workers),
    firstFrame: worker + 1,
    frameStride: workers,
    places: [],
  };
}

/** libpcap's words about a filter, before anything is opened. */
export function checkFilter(filter: string | null): void {
  const complaint = filter === null ? null : addon().checkFilter(filter);
  if (complaint === null) return;
  throw new AppError(
    'E_CAPTURE_FILTER',
    complaint,
    'the syntax is that of pcap-filter(7), as tcpdump takes it',
  );
}

export class LiveCapture {
  readonly #pool: Piscina;
  readonly #options: LiveCaptureOptions;
  readonly #listener: LiveListener;
  #members: readonly LiveMember[];
  /** Of workers that gave way to one. */
  readonly #retired: LiveSnapshot[] = [];
  readonly #restarts: BlindTime[] = [];
  #narrowing: Promise<void> | null = null;
  #fail: (why: unknown) => void = () => {};
  /** Rejects when a worker cannot go on; settles no other way. */
  readonly failed: Promise<never>;

  private constructor(pool: Piscina, options: LiveCaptureOptions, listener: LiveListener) {
    this.#pool = pool;
    this.#options = options;
    this.#listener = listener;
    this.failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => undefined);
    this.#members = Array.from({ length: options.workers }, (_, worker) => {
      return this.#member(optionsOf(options, worker), worker);
    });
  }

  #member(options: LiveOptions, worker: number): LiveMember {
    const listener = this.#listener;
    const what = { options, countsOpen: this.#options.countsOpen ?? false };
    const member = new LiveMember(this.#pool, what, {
      records: (silences, births) => listener.records(silences, births),
      previews: (silences) => listener.previews(worker, silences),
      status: () => this.#hearStatus(),
      wanted: (wanted) => this.#seek(worker, wanted),
      callers: (of, callers) => this.#members[of]?.hear(callers),
      restarted: (blind) => {
        this.#restarts.push(blind);
        listener.restarted(worker, blind);
      },
    });
    member.ended.catch(this.#fail);
    return member;
  }

  /** The kernel parts packets by connection: a client comes back through whichever worker has its new one. */
  #seek(of: number, wanted: Uint8Array): void {
    this.#members.forEach((member, worker) => {
      if (worker !== of) member.seek(of, wanted);
    });
  }

  #hearStatus(): void {
    const tunnels = this.#members.some(({ status }) => status?.tunnels === true);
    if (tunnels && this.#members.length > 1 && this.#narrowing === null)
      this.#narrowing = this.#narrow().catch(this.#fail);
    this.#listener.status();
  }

  /**
   * The kernel parts packets by their outer headers: of what is inside of a tunnel, two workers see one direction each.
   * One worker takes over; what the others knew is closed as at an end, and the time between is blind.
   */
  async #narrow(): Promise<void> {
    const fromNs = wallNs();
    const before = this.#members;
    this.#members = [];
    for (const member of before) member.stop();
    const last = await Promise.all(before.map(({ ended }) => ended));
    this.#retired.push(
      ...before.flatMap(({ past }) => past),
      ...last.filter((one) => one !== null),
    );
    const most = Math.max(
      0,
      ...this.#retired.flatMap(({ sources }) => sources.map((s) => s.frames)),
    );
    const options = optionsOf({ ...this.#options, workers: 1 }, 0);
    const firstFrame = 1 + (most + HEADROOM) * before.length;
    const member = this.#member({ ...options, firstFrame }, 0);
    this.#members = [member];
    await member.opened;
    const blind = { fromNs, untilNs: wallNs() };
    this.#restarts.push(blind);
    this.#listener.narrowed(blind);
  }

  /** Resolves when every interface is captured from, or waited for. Throws AppError E_CAPTURE_…. */
  static async open(options: LiveCaptureOptions, listener: LiveListener): Promise<LiveCapture> {
    checkFilter(options.filter);
    const pool = await openPool(options.workers, 'live');
    const capture = new LiveCapture(pool, options, listener);
    try {
      await Promise.all(capture.#members.map(({ opened }) => opened));
      return capture;
    } catch (thrown) {
      for (const member of capture.#members) member.stop();
      await Promise.allSettled(capture.#members.map(({ ended }) => ended));
      await pool.destroy();
      throw asAppError(thrown);
    }
  }

  /** The threads of the workers, for tests that end one. */
  get threads(): readonly { terminate(): unknown }[] {
    return this.#pool.threads;
  }

  counts(): LiveCounts {
    const known = this.#members.flatMap(({ status }) => (status === null ? [] : [status]));
    const sources = byIndex(
      [
        ...this.#retired.map((one) => one.sources),
        ...this.#members.flatMap((member) => member.sources),
      ],
      mergeSource,
    );
    const all = [...this.#retired, ...known];
    return {
      sources,
      flows: all.reduce((sum, { counters }) => sum + counters.flows.seen, 0),
      openSilences: known.reduce((sum, status) => sum + status.openSilences, 0),
    };
  }

  #merge(living: readonly (LiveSnapshot | null)[]): Captured {
    const past = [...this.#retired, ...this.#members.flatMap((member) => member.past)];
    const known = living.filter((one) => one !== null);
    return mergeLive(past, known, this.#restarts);
  }

  /** All that was counted up to now; records went to the listener. */
  async snapshot(): Promise<Captured> {
    return this.#merge(await Promise.all(this.#members.map((member) => member.snapshot())));
  }

  async evidence(tuples: readonly CarverTuple[]): Promise<readonly CarvedFrame[]> {
    const all = await Promise.all(this.#members.map((member) => member.evidence(tuples)));
    return all.flat().sort((a, b) => (a.atNs < b.atNs ? -1 : 1));
  }

  stepClock(ns: bigint): void {
    for (const member of this.#members) member.stepClock(ns);
  }

  /** Reads what the kernel still holds, closes every story, ends the workers. */
  async stop(): Promise<Captured> {
    await this.#narrowing;
    for (const member of this.#members) member.stop();
    try {
      return this.#merge(await Promise.all(this.#members.map(({ ended }) => ended)));
    } finally {
      await this.#pool.destroy();
    }
  }
}
