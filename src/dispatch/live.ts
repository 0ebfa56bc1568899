/**
 * A live capture: one worker an interface set by default, more in one PACKET_FANOUT group, which parts frames by
 * connection. Whoever listens hears records as they are made; everything counted is asked for.
 */
import type { Piscina } from 'piscina';
import { AppError } from '../base/errors.ts';
import { addon, type CarvedFrame, type CarverTuple } from '../capture/addon.ts';
import type { LiveOptions, LiveSnapshot, LiveSource } from '../capture/live.ts';
import { asAppError } from '../capture/problems.ts';
import { type BlindTime, LiveMember } from './live-member.ts';
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
}

export interface LiveListener {
  records(silences: Uint8Array, births: Uint8Array): void;
  /** Of one worker: all of its previews, in place of those before. */
  previews(worker: number, silences: Uint8Array): void;
  status(): void;
  restarted(worker: number, blind: BlindTime): void;
}

export interface LiveCounts {
  readonly sources: readonly LiveSource[];
  readonly flows: number;
  readonly openSilences: number;
  readonly tunnels: boolean;
}

/** A 16-bit number that no other process of this network namespace has: they all have other pids. */
const fanoutGroup = (workers: number): number => (workers < 2 ? -1 : (process.pid * 16) & 0xfff0);

function optionsOf(options: LiveCaptureOptions, worker: number): LiveOptions {
  const { workers, maxFlows, ringBytes, ...same } = options;
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
  readonly #members: readonly LiveMember[];
  readonly #restarts: BlindTime[] = [];

  private constructor(pool: Piscina, options: LiveCaptureOptions, listener: LiveListener) {
    this.#pool = pool;
    this.#members = Array.from({ length: options.workers }, (_, worker) => {
      return new LiveMember(pool, optionsOf(options, worker), {
        records: (silences, births) => listener.records(silences, births),
        previews: (silences) => listener.previews(worker, silences),
        status: () => listener.status(),
        restarted: (blind) => {
          this.#restarts.push(blind);
          listener.restarted(worker, blind);
        },
      });
    });
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

  /** Rejects when a worker cannot go on. Never settles before `stop`, else. */
  get failed(): Promise<unknown> {
    return Promise.all(this.#members.map(({ ended }) => ended));
  }

  /** The threads of the workers, for tests that end one. */
  get threads(): readonly { terminate(): unknown }[] {
    return this.#pool.threads;
  }

  counts(): LiveCounts {
    const known = this.#members.flatMap(({ status }) => (status === null ? [] : [status]));
    const sources = byIndex(
      this.#members.flatMap((member) => member.sources),
      mergeSource,
    );
    return {
      sources,
      flows: known.reduce((sum, { counters }) => sum + counters.flows.seen, 0),
      openSilences: known.reduce((sum, status) => sum + status.openSilences, 0),
      tunnels: known.some(({ tunnels }) => tunnels),
    };
  }

  #merge(living: readonly (LiveSnapshot | null)[]): Captured {
    const past = this.#members.flatMap((member) => member.past);
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
    for (const member of this.#members) member.stop();
    try {
      return this.#merge(await Promise.all(this.#members.map(({ ended }) => ended)));
    } finally {
      await this.#pool.destroy();
    }
  }
}
