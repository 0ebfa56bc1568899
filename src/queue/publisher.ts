/**
 * From the spool to the queue `findings`, for as long as it takes.
 *
 * A batch counts as arrived when Redis has had it for HOLD_MS and has not forgotten it since: a Redis that is killed, or
 * whose replica takes over, may lose its last second. How far it remembers is told by a note written behind every
 * batch: what is in front of a note that is there, is there too. Batches are named after their place in the spool, both
 * ends of it: sending one again is the same batch, and one that has grown meanwhile is another. (Under the first one's
 * name Redis would have kept the first, and what had come since would be lost.)
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AppError } from '../base/errors.ts';
import { type Log, quieted } from '../base/log.ts';
import type { FindingsBatch, HeartbeatMessage } from './payload.ts';
import type { Producer } from './producer.ts';
import type { Spool, SpoolRecord, Stretch } from './spool.ts';
import type { Position } from './spool-files.ts';

export interface Sender {
  readonly agent: string;
  readonly host: string;
}

/** What a heartbeat says beside what the publisher knows itself. */
export interface Beat
  extends Pick<HeartbeatMessage, 'blindSeconds' | 'findings' | 'silences' | 'at'> {
  readonly interfaces: readonly HeartbeatMessage['interfaces'][number][];
}

/** Chosen: Redis writes its append-only file within two seconds of a command (appendfsync everysec). */
const HOLD_MS = 4000;
const BATCH_BYTES = 512 * 1024;
const IDLE_MS = 500;
const BACKOFF = { firstMs: 100, mostMs: 1000 } as const;
/** Heartbeats that may wait in the queue: with the reporter away for days they must not fill Redis. */
const BEATS_WAITING = 12;
const NOTE_SECONDS = 7 * 86_400;

interface Sent {
  readonly until: Position;
  readonly at: number;
}

const batchName = ({ agent }: Sender, { from, until }: Stretch): string =>
  [agent, from.segment, from.offset, until.segment, until.offset].join('-');

const valuesOf = (records: readonly SpoolRecord[], kind: SpoolRecord['kind']): never[] =>
  records.flatMap((record) => (record.kind === kind ? [record.value as never] : []));

function batchOf(sender: Sender, stretch: Stretch): FindingsBatch {
  const { records } = stretch;
  return {
    v: 1,
    id: batchName(sender, stretch),
    from: { kind: 'agent', ...sender },
    sentAt: new Date().toISOString(),
    findings: valuesOf(records, 'finding'),
    paths: valuesOf(records, 'path'),
    evidence: valuesOf(records, 'evidence'),
  };
}

export class Publisher {
  readonly #spool: Spool;
  readonly #producer: Producer;
  readonly #sender: Sender;
  readonly #log: Log;
  readonly #told: ReturnType<typeof quieted>;
  readonly #stop = new AbortController();
  #cursor: Position;
  /** Sent, not yet believed to have arrived; oldest first. */
  #sent: Sent[] = [];
  #lastNote: string | null = null;
  #beat: Beat | null = null;
  #beats = 0;
  #backoffMs: number = BACKOFF.firstMs;
  #running: Promise<void>;

  constructor(spool: Spool, producer: Producer, sender: Sender, log: Log) {
    this.#spool = spool;
    this.#producer = producer;
    this.#sender = sender;
    this.#log = log;
    this.#told = quieted(log);
    this.#cursor = spool.passedOn;
    this.#running = this.#run();
  }

  /** The newest replaces one that could not be sent yet. */
  heartbeat(beat: Beat): void {
    this.#beat = beat;
  }

  /** Resolves when all is sent, or after `withinMs`; what is left stays in the spool. */
  async close(withinMs: number): Promise<void> {
    const deadline = performance.now() + withinMs;
    await this.#spool.flushed();
    while (performance.now() < deadline && this.#leftOver()) await sleep(20);
    // Redis is alive: what it holds now is kept by it unless it is killed within the next seconds.
    if (!this.#leftOver()) this.#pass(Number.POSITIVE_INFINITY);
    this.#stop.abort();
    // A call to a Redis that is away ends by itself, and changes nothing any more.
    await Promise.race([this.#running, sleep(100)]);
  }

  #leftOver(): boolean {
    return this.#beat !== null || this.#spool.read(this.#cursor, 1).records.length > 0;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#step();
        this.#backoffMs = BACKOFF.firstMs;
        this.#told.over('findings reach Redis again');
      } catch (thrown) {
        const { message } = thrown as Error;
        const spoolBytes = this.#spool.bytes;
        this.#told.trouble({ reason: message, spoolBytes }, 'findings wait in the spool');
        await sleep(this.#backoffMs, undefined, { signal }).catch(() => {});
        this.#backoffMs = Math.min(BACKOFF.mostMs, this.#backoffMs * 2);
      }
    }
  }

  async #step(): Promise<void> {
    if (this.#sent.length > 0) await this.#confirm();
    await this.#sendBeat();
    const stretch = this.#spool.read(this.#cursor, BATCH_BYTES);
    if (stretch.records.length > 0) await this.#sendOrSplit(stretch);
    else await this.#spool.more(this.#cursor, IDLE_MS);
  }

  /** Begins again at what has not arrived for certain, if Redis forgot the newest. */
  async #confirm(): Promise<void> {
    const [note = null] = await this.#producer.noted([this.#noteName()]);
    if (note !== this.#lastNote) {
      this.#cursor = this.#spool.passedOn;
      this.#sent = [];
      return;
    }
    this.#pass(performance.now() - HOLD_MS);
  }

  #pass(sentBefore: number): void {
    if (this.#stop.signal.aborted) return;
    const arrived = this.#sent.filter(({ at }) => at < sentBefore);
    const last = arrived.at(-1);
    if (last === undefined) return;
    this.#spool.pass(last.until);
    this.#sent = this.#sent.slice(arrived.length);
  }

  /** A record that cannot be sent must not hold up those behind it. */
  async #sendOrSplit(stretch: Stretch): Promise<void> {
    try {
      await this.#send(stretch);
    } catch (thrown) {
      if ((thrown as AppError).code !== 'E_PAYLOAD') throw thrown;
      if (stretch.records.length > 1) {
        await this.#sendOrSplit(this.#spool.read(this.#cursor, 1));
        return;
      }
      this.#log.error({ reason: (thrown as AppError).message }, 'a record cannot be sent');
      this.#cursor = stretch.until;
    }
  }

  async #send(stretch: Stretch): Promise<void> {
    const batch = batchOf(this.#sender, stretch);
    await this.#producer.add('findings', [{ id: batch.id, payload: batch }]);
    await this.#producer.note(this.#noteName(), batch.id, NOTE_SECONDS);
    this.#lastNote = batch.id;
    this.#cursor = stretch.until;
    this.#sent.push({ until: stretch.until, at: performance.now() });
  }

  async #sendBeat(): Promise<void> {
    const beat = this.#beat;
    if (beat === null) return;
    const { finding, path, evidence } = this.#spool.refused;
    const payload: HeartbeatMessage = {
      v: 1,
      kind: 'heartbeat',
      ...this.#sender,
      ...beat,
      interfaces: [...beat.interfaces],
      spoolBytes: this.#spool.bytes,
      spoolDropped: finding + path + evidence,
    };
    const id = `beat-${this.#sender.agent}-${this.#beats++ % BEATS_WAITING}`;
    await this.#producer.add('findings', [{ id, payload }]);
    if (this.#beat === beat) this.#beat = null;
  }

  #noteName(): string {
    return `sent-${this.#sender.agent}`;
  }
}
