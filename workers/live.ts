/**
 * The piscina task of one live worker: it watches its share of the interfaces until it is told to stop. It looks for
 * orders between two slices of native work, at most a tenth of a second apart, and never waits for anybody.
 */
import { receiveMessageOnPort } from 'node:worker_threads';
import { addon } from '../src/capture/addon.ts';
import { LIVE_NEWS, type NativeLive } from '../src/capture/live.ts';
import type { LiveNews, LiveOrder, LiveOutcome, LiveTask } from '../src/dispatch/live-task.ts';
import { failureOf } from '../src/dispatch/task.ts';

/** A stop, and a snapshot, wait this long at most. */
const SLICE_MS = 100;
/** Chosen: a status line that is read by people, and blackholes that become certain by waiting. */
const STATUS_MS = 1000;

class Watcher {
  readonly #capture: NativeLive;
  readonly #task: LiveTask;
  #previews: Uint8Array = new Uint8Array();
  #toldAt = 0;

  constructor(task: LiveTask) {
    this.#task = task;
    this.#capture = addon().openLive(task.options);
    this.#tell({ kind: 'opened', status: this.#capture.status() });
  }

  #tell(news: LiveNews): void {
    this.#task.port.postMessage(news, []);
  }

  slice(): void {
    const news = this.#capture.run(SLICE_MS);
    const now = performance.now();
    const due = now - this.#toldAt >= STATUS_MS;
    if (due || (news & LIVE_NEWS.silences) !== 0) this.#hand();
    if (due || (news & ~LIVE_NEWS.births) !== 0) this.#tellPreviews();
    if (!due) return;
    this.#toldAt = now;
    this.#tell({ kind: 'status', status: this.#capture.status(this.#task.countsOpen) });
    const wanted = this.#capture.wanted();
    if (!this.#isAlone && wanted.byteLength > 0) this.#tell({ kind: 'wanted', wanted });
  }

  get #isAlone(): boolean {
    return this.#task.options.fanoutGroup < 0;
  }

  #seek({ of, wanted }: Extract<LiveOrder, { readonly kind: 'seek' }>): void {
    const callers = this.#capture.seek(wanted);
    if (callers.byteLength > 0) this.#tell({ kind: 'callers', of, callers });
  }

  #hear(callers: Uint8Array): void {
    this.#capture.hear(callers);
    this.#tellPreviews();
  }

  /** Records that are over. A preview of one that is goes with the next telling. */
  #hand(): void {
    const silences = this.#capture.takeSilences();
    const births = this.#capture.takeBirths();
    if (silences.byteLength + births.byteLength > 0)
      this.#tell({ kind: 'records', silences, births });
  }

  #tellPreviews(): void {
    const silences = this.#capture.previews();
    if (Buffer.compare(silences, this.#previews) === 0) return;
    this.#previews = silences;
    this.#tell({ kind: 'previews', silences });
  }

  obey(order: LiveOrder): void {
    if (order.kind === 'snapshot')
      this.#tell({ kind: 'snapshot', id: order.id, value: this.#capture.snapshot() });
    else if (order.kind === 'evidence')
      this.#tell({ kind: 'evidence', id: order.id, value: this.#capture.evidence(order.tuples) });
    else if (order.kind === 'step') this.#capture.stepClock(order.ns);
    else if (order.kind === 'seek') this.#seek(order);
    else if (order.kind === 'hear') this.#hear(order.callers);
  }

  finish(): LiveOutcome {
    const snapshot = this.#capture.finish();
    this.#hand();
    this.#tell({ kind: 'previews', silences: new Uint8Array() });
    return { kind: 'finished', snapshot, status: this.#capture.status() };
  }

  close(): void {
    this.#capture.close();
  }
}

/** True when it was told to stop. */
function obeyAll(watcher: Watcher, { port }: LiveTask): boolean {
  for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port)) {
    const order = got.message as LiveOrder;
    if (order.kind === 'stop') return true;
    watcher.obey(order);
  }
  return false;
}

export default function live(task: LiveTask): LiveOutcome {
  let watcher: Watcher;
  try {
    watcher = new Watcher(task);
  } catch (thrown) {
    return failureOf(thrown);
  }
  try {
    do watcher.slice();
    while (!obeyAll(watcher, task));
    return watcher.finish();
  } catch (thrown) {
    return failureOf(thrown);
  } finally {
    watcher.close();
  }
}
