/**
 * A live capture and what it has told: records come in, conclusions are drawn at a pace that leaves the machine alone,
 * and what is new goes to the outlets.
 *
 * Always true: the capture never waits for a conclusion, nor for an outlet; after `end` everything that the capture
 * saw is in the last analysis and every change was told.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Captured } from './dispatch/merge.ts';
import { LiveCapture, type LiveCaptureOptions, type LiveCounts } from './dispatch/live.ts';
import { type Analysis, pointName } from './report/analysis.ts';
import { Evidence } from './watch-evidence.ts';
import { News } from './watch-news.ts';
import type { Witness } from './watch-kernel.ts';
import type { Heartbeat, Outlet } from './watch-outlet.ts';
import { Story } from './watch-story.ts';

/**
 * Interfaces are read one after the other, the kernel hands a frame over within 100 ms, and a worker that has much to do
 * rests twice for 50 ms: a conclusion waits this long after its record, so that what happened at once is judged together.
 */
const REORDER_MS = 250;
/** Chosen: a conclusion costs at most a sixth of one core. */
const REST = 5;
/** Beyond this wait single kills are told by themselves first. */
const PATIENCE_MS = 400;
const HEARTBEAT_MS = 5000;

export interface SessionOptions {
  readonly capture: LiveCaptureOptions;
  readonly whatIfNs: readonly bigint[];
  readonly outlet: Outlet;
  /** What else is known of an analysis: the kernel's own table, where it was asked for. */
  readonly witness?: Pick<Witness, 'of' | 'proves'>;
  /** After each status of the workers. */
  readonly onStatus: () => void;
  /** Something an operator should know, in a sentence. */
  readonly onNote: (note: string) => void;
  /** It cannot go on; `end` still gives what there is. */
  readonly onFailure: (error: unknown) => void;
}

export class WatchSession {
  readonly #options: SessionOptions;
  readonly #story: Story;
  readonly #news: News;
  readonly #evidence: Evidence | null;
  #capture: LiveCapture | null = null;
  #wanted: NodeJS.Timeout | null = null;
  #working: Promise<void> = Promise.resolve();
  #restUntilMs = 0;
  #ended = false;
  #last: Analysis | null = null;
  #beat: NodeJS.Timeout | null = null;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#story = new Story(options.capture.shortestNs);
    this.#news = new News(options.whatIfNs);
    const ask = (tuples: Parameters<LiveCapture['evidence']>[0]) =>
      this.#capture?.evidence(tuples) ?? Promise.resolve([]);
    this.#evidence = options.capture.ringBytes > 0 ? new Evidence(ask) : null;
  }

  /** Resolves when everything is captured. */
  async start(): Promise<void> {
    this.#capture = await LiveCapture.open(this.#options.capture, {
      records: (silences, births) => {
        this.#story.add(silences, births);
        // Where a connection was met mid-stream says something of a kill only.
        if (silences.byteLength > 0 || this.#story.kills) this.#want();
      },
      previews: (worker, silences) => {
        this.#story.preview(worker, silences);
        this.#want();
      },
      // One worker may speak before another one captures.
      status: () => {
        if (this.#capture !== null) this.#options.onStatus();
      },
      restarted: (_, { fromNs, untilNs }) => {
        const blind = Number(untilNs - fromNs) / 1e9;
        this.#options.onNote(
          `a capture thread died and was started again; blind for ${blind.toFixed(1)} s`,
        );
        this.#want();
      },
      narrowed: ({ fromNs, untilNs }) => {
        const blind = (Number(untilNs - fromNs) / 1e9).toFixed(1);
        this.#options.onNote(
          `packets inside of tunnels: one worker goes on, as several would see their two directions apart; blind for ${blind} s`,
        );
        this.#want();
      },
    });
    this.#want();
    this.#beat = setInterval(() => this.#heartbeat(), HEARTBEAT_MS);
  }

  /** The running capture, for whoever looks at its threads. */
  get capture(): LiveCapture {
    if (this.#capture === null) throw new Error('the session was not started');
    return this.#capture;
  }

  counts(): LiveCounts {
    return this.capture.counts();
  }

  /** Findings listed in the last conclusion, and those beyond. */
  get findings(): number {
    return (this.#last?.findings.length ?? 0) + (this.#last?.forgotten ?? 0);
  }

  #want(): void {
    if (this.#wanted !== null || this.#ended || this.#capture === null) return;
    const wait = Math.max(REORDER_MS, this.#restUntilMs - performance.now());
    if (wait > PATIENCE_MS) this.#glance();
    this.#wanted = setTimeout(() => {
      this.#wanted = null;
      this.#aside(async () => void (await this.#conclude(await this.capture.snapshot())));
    }, wait);
  }

  /** One thing after the other, in order. */
  #work(what: () => Promise<void>): Promise<void> {
    const done = this.#working.then(what);
    this.#working = done.catch(() => undefined);
    return done;
  }

  /** Nobody waits for it; a failure is a bug that must not pass unseen. */
  #aside(what: () => Promise<void>): void {
    this.#work(what).catch((error: unknown) => this.#options.onFailure(error));
  }

  #glance(): void {
    const last = this.#last;
    if (last === null) return;
    const findings = this.#story.glance();
    this.#aside(() => this.#tell(this.#witnessed({ ...last, findings }), false));
  }

  async #conclude(counted: Captured): Promise<Analysis> {
    const started = performance.now();
    const proves = this.#options.witness?.proves;
    const concluded = this.#witnessed(this.#story.conclude(counted, proves));
    const cost = performance.now() - started;
    await this.#tell(concluded, true);
    this.#last = { ...concluded, updates: this.#news.updates };
    this.#restUntilMs = performance.now() + REST * cost;
    return this.#last;
  }

  #witnessed(analysis: Analysis): Analysis {
    return this.#options.witness?.of(analysis) ?? analysis;
  }

  async #tell(analysis: Analysis, whole: boolean): Promise<void> {
    const { findings, sources, paths } = this.#news.of(analysis, whole);
    const { outlet } = this.#options;
    if (findings.length > 0) {
      const name = (point: number) => pointName(analysis, point) ?? String(point);
      const packets = this.#ended ? new Map() : await this.#evidence?.of(sources, name);
      outlet.findings(findings, packets ?? new Map<string, Uint8Array>());
    }
    if (paths.length > 0) outlet.paths(paths);
  }

  #heartbeat(): void {
    const { sources } = this.counts();
    const beat: Heartbeat = {
      interfaces: sources.map(({ name, up, frames, dropped }) => {
        return { name, up, packets: frames, drops: dropped };
      }),
      blindSeconds: Math.max(0, ...(this.#last?.blindSeconds ?? [])),
      findings: this.findings,
      ...(this.#last === null ? {} : { silences: this.#last.silences }),
      at: new Date().toISOString(),
    };
    this.#options.outlet.heartbeat(beat);
  }

  /** Everything up to now. */
  async soFar(): Promise<Analysis> {
    let analysis: Analysis | null = null;
    await this.#work(async () => {
      analysis = await this.#conclude(await this.capture.snapshot());
    });
    if (analysis === null) throw new Error('no conclusion was drawn');
    return analysis;
  }

  /** Ends the capture; the last analysis. */
  async end(): Promise<Analysis> {
    if (this.#wanted !== null) clearTimeout(this.#wanted);
    if (this.#beat !== null) clearInterval(this.#beat);
    // The last packets are looked for while the ring is there.
    await this.soFar().catch(() => undefined);
    this.#ended = true;
    const counted = await this.capture.stop();
    await sleep(0); // the workers' last records are in the queues of their ports
    return this.#conclude(counted);
  }
  /** Lets the outlets pass on what they still have. */
  close(withinMs: number): Promise<void> {
    return this.#options.outlet.close(withinMs);
  }
}
