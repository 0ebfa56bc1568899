/**
 * One live worker and, when its thread dies, its successors.
 *
 * Always true: what a dead one had counted up to its last word stays counted; the time from that word until its
 * successor captures is blind; orders that a dead one did not answer are answered by nothing, so that nobody waits.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Piscina } from 'piscina';
import type { CarvedFrame, CarverTuple } from '../capture/addon.ts';
import type { LiveOptions, LiveSnapshot, LiveSource, LiveStatus } from '../capture/live.ts';
import type { LiveNews, LiveOrder, LiveOutcome, LiveTask } from './live-task.ts';
import { errorOf } from './task.ts';
import { NOTHING_THINNED } from './notes.ts';

/** Chosen: a thread that dies at once, again and again, must not take the machine with it. */
const BACK_OFF_MS = [100, 200, 500, 1000, 2000];
/** Frames that a dead worker may have numbered after its last word. */
export const HEADROOM = 2 ** 24;

export interface BlindTime {
  readonly fromNs: bigint;
  readonly untilNs: bigint;
}

export interface MemberEars {
  records(silences: Uint8Array, births: Uint8Array): void;
  previews(silences: Uint8Array): void;
  status(): void;
  /** Clients whose return this worker waits for. */
  wanted(wanted: Uint8Array): void;
  /** Clients that came here, for the worker `of`. */
  callers(of: number, callers: Uint8Array): void;
  /** A successor took over from a worker that died. */
  restarted(blind: BlindTime): void;
}

type Heard = LiveSnapshot | readonly CarvedFrame[] | null;

export const wallNs = (): bigint => BigInt(Date.now()) * 1_000_000n;

export class LiveMember {
  readonly #pool: Piscina;
  readonly #ears: MemberEars;
  readonly #countsOpen: boolean;
  #options: LiveOptions;
  #port: MessagePort | null = null;
  #asked = new Map<number, (heard: Heard) => void>();
  #nextId = 1;
  #lastWordNs = wallNs();
  #stopping = false;
  #alive = false;
  #failures = 0;
  /** Of workers that died: their last words. */
  readonly past: LiveSnapshot[] = [];
  #lastSnapshot: LiveSnapshot | null = null;
  #previews: Uint8Array = new Uint8Array();
  status: LiveStatus | null = null;
  /** Settles at the end: the last snapshot (null: it died before), or why it could not go on. */
  readonly ended: Promise<LiveSnapshot | null>;
  /** Settles when the first worker captures. */
  readonly opened: Promise<void>;

  constructor(pool: Piscina, what: Omit<LiveTask, 'port'>, ears: MemberEars) {
    this.#pool = pool;
    this.#options = what.options;
    this.#countsOpen = what.countsOpen;
    this.#ears = ears;
    let ended: Promise<LiveSnapshot | null> = Promise.resolve(null);
    this.opened = new Promise((resolve, reject) => {
      ended = this.#live(resolve);
      ended.catch(reject);
    });
    this.ended = ended;
  }

  async #live(opened: () => void): Promise<LiveSnapshot | null> {
    for (;;) {
      const outcome = await this.#once(opened);
      if (outcome.kind === 'finished') {
        this.status = outcome.status;
        return outcome.snapshot;
      }
      if (outcome.kind === 'failed' && (this.status === null || this.#stopping)) {
        throw errorOf(outcome);
      }
      this.#bury();
      await sleep(BACK_OFF_MS[Math.min(this.#failures++, BACK_OFF_MS.length - 1)]);
      if (this.#stopping) return null;
    }
  }

  async #once(opened: () => void): Promise<LiveOutcome | { readonly kind: 'died' }> {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.on('message', (news: LiveNews) => this.#hear(news, opened));
    const task: LiveTask = {
      options: this.#options,
      countsOpen: this.#countsOpen,
      port: port2,
    };
    try {
      const outcome = (await this.#pool.run(task, { transferList: [port2] })) as LiveOutcome;
      await new Promise(setImmediate); // what it told before its end is in the queue of the port
      return outcome;
    } catch {
      return { kind: 'died' };
    } finally {
      this.#port = null;
      port1.close();
      for (const answer of this.#asked.values()) answer(null);
      this.#asked.clear();
    }
  }

  #hear(news: LiveNews, opened: () => void): void {
    if (news.kind === 'records') this.#ears.records(news.silences, news.births);
    else if (news.kind === 'previews') this.#hearPreviews(news.silences);
    else if (news.kind === 'opened') this.#hearOpened(news.status, opened);
    else if (news.kind === 'status') this.#hearStatus(news.status);
    else if (news.kind === 'wanted') this.#ears.wanted(news.wanted);
    else if (news.kind === 'callers') this.#ears.callers(news.of, news.callers);
    else this.#hearAnswer(news);
    if (news.kind !== 'evidence') this.#lastWordNs = wallNs();
  }

  #hearPreviews(silences: Uint8Array): void {
    this.#previews = silences;
    this.#ears.previews(silences);
  }

  #hearOpened(status: LiveStatus, opened: () => void): void {
    const again = this.status !== null;
    this.status = status;
    this.#alive = true;
    if (again) this.#ears.restarted({ fromNs: this.#lastWordNs, untilNs: wallNs() });
    opened();
  }

  #hearStatus(status: LiveStatus): void {
    this.status = status;
    this.#failures = 0;
    this.#ears.status();
  }

  #hearAnswer({ id, kind, value }: Extract<LiveNews, { readonly id: number }>): void {
    if (kind === 'snapshot') this.#lastSnapshot = value;
    this.#asked.get(id)?.(value);
    this.#asked.delete(id);
  }

  /** What a dead worker had told stays counted: its newest counts, and the rows of its last snapshot. */
  #bury(): void {
    this.#alive = false;
    const { status } = this;
    const empty = new Uint8Array();
    const rows = {
      thinned: NOTHING_THINNED,
      places: empty,
      survivors: empty,
      undecided: empty,
      alive: empty,
      resetSeconds: empty,
      greetings: empty,
      blindSpots: empty,
    };
    const last = this.#lastSnapshot ?? { ...rows, capturePoints: [] };
    if (status !== null) {
      this.past.push({ ...last, sources: status.sources, counters: status.counters });
      this.status = { ...status, openSilences: 0 };
    }
    const frames = Math.max(0, ...(status?.sources ?? []).map((source) => source.frames));
    const { firstFrame, frameStride, interfaces } = this.#options;
    this.#options = {
      ...this.#options,
      firstFrame: firstFrame + (frames + HEADROOM) * frameStride,
      places: interfaces.includes('any')
        ? last.capturePoints.map(({ name }) => name)
        : this.#options.places,
    };
    this.#lastSnapshot = null;
    // Nobody will learn more of these kills: they stand as they were last told.
    this.#ears.records(this.#previews, empty);
    this.#hearPreviews(empty);
  }

  #ask(order: (id: number) => LiveOrder): Promise<Heard> {
    const port = this.#port;
    if (port === null) return Promise.resolve(null);
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#asked.set(id, resolve);
      port.postMessage(order(id));
    });
  }

  /** What each worker counted, the newest last. */
  get sources(): readonly (readonly LiveSource[])[] {
    const living = this.#alive && this.status !== null ? [this.status.sources] : [];
    return [...this.past.map(({ sources }) => sources), ...living];
  }

  /** Null while no worker lives. */
  async snapshot(): Promise<LiveSnapshot | null> {
    return (await this.#ask((id) => ({ kind: 'snapshot', id }))) as LiveSnapshot | null;
  }

  async evidence(tuples: readonly CarverTuple[]): Promise<readonly CarvedFrame[]> {
    const heard = await this.#ask((id) => ({ kind: 'evidence', id, tuples }));
    return (heard as readonly CarvedFrame[] | null) ?? [];
  }

  #order(order: LiveOrder): void {
    this.#port?.postMessage(order);
  }

  stepClock(ns: bigint): void {
    this.#order({ kind: 'step', ns });
  }

  /** Clients that the worker `of` waits for may have come here. */
  seek(of: number, wanted: Uint8Array): void {
    this.#order({ kind: 'seek', of, wanted });
  }

  /** Clients that it waited for came elsewhere. */
  hear(callers: Uint8Array): void {
    this.#order({ kind: 'hear', callers });
  }

  /** `ended` settles soon after. */
  stop(): void {
    this.#stopping = true;
    this.#order({ kind: 'stop' });
  }
}
