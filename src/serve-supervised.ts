/**
 * A part of `serve` that is a process: started, started again with back-off when it dies, stopped with the rest. What
 * the process is, how it says that it is ready and how it is asked to end, is its own.
 */
import type { ChildProcess } from 'node:child_process';
import type { Log } from './base/log.ts';

/** Chosen: a process that lived so long did not die of its start. */
const HEALTHY_MS = 10_000;

interface Backoff {
  readonly firstMs: number;
  readonly mostMs: number;
}

export abstract class Supervised {
  readonly name: string;
  protected readonly log: Log;
  readonly #backoff: Backoff;
  #child: ChildProcess | null = null;
  #ready = false;
  #problem: string | null = null;
  #stopping = false;
  #backoffMs: number;
  #startedAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(name: string, backoff: Backoff, log: Log) {
    this.name = name;
    this.#backoff = backoff;
    this.#backoffMs = backoff.firstMs;
    this.log = log;
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** Why it is not ready, where that is known. */
  get problem(): string | null {
    return this.#problem;
  }

  /** A running process that calls isReady or cannotStart; its ends are watched here. */
  protected abstract spawn(): ChildProcess;

  /** Asks it to end within that time; the milliseconds after which it is killed. */
  protected abstract ask(child: ChildProcess, withinMs: number): number;

  /** What its death says of why it is not ready; null: what it said itself stands. */
  protected abstract problemOf(how: string): string | null;

  protected isReady(): void {
    this.#ready = true;
    this.#problem = null;
  }

  protected cannotStart(problem: string): void {
    this.#problem = problem;
  }

  start(): void {
    const child = this.spawn();
    this.#child = child;
    this.#startedAt = performance.now();
    child.once('error', (error) => this.#ended(child, error.message));
    child.once('exit', (code, signal) => this.#ended(child, signal ?? `status ${code}`));
  }

  /** SIGKILL for what is not over by then. */
  async stop(withinMs: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const late = setTimeout(() => child.kill('SIGKILL'), this.ask(child, withinMs));
    await gone;
    clearTimeout(late);
  }

  #ended(child: ChildProcess, how: string): void {
    if (this.#child !== child) return;
    this.#child = null;
    this.#ready = false;
    this.#problem = this.problemOf(how) ?? this.#problem;
    if (this.#stopping) return;
    if (performance.now() - this.#startedAt > HEALTHY_MS) this.#backoffMs = this.#backoff.firstMs;
    const waitMs = this.#backoffMs;
    this.#backoffMs = Math.min(this.#backoff.mostMs, waitMs * 2);
    this.log.warn({ child: this.name, how, waitMs }, 'a part died and is started again');
    this.#timer = setTimeout(() => this.start(), waitMs);
  }
}
