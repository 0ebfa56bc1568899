/**
 * `deadair serve --watch IF`: `deadair watch` as a supervised process, whose findings come in over the queue as those of
 * any other agent.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Log } from './base/log.ts';
import { packageRoot } from './base/root.ts';
import { guardedCommand } from './serve-spawn.ts';

export interface WatchPlan {
  readonly data: string;
  /** URL; it goes by the environment, because arguments can be read by everybody. */
  readonly redis: string;
  readonly interfaces: readonly string[];
}

const BACKOFF = { firstMs: 1000, mostMs: 30_000 } as const;
/** Chosen: a capture that held so long did not die of its start. */
const HEALTHY_MS = 10_000;

export class WatchProcess {
  readonly name = 'watch';
  readonly #plan: WatchPlan;
  readonly #log: Log;
  #child: ChildProcess | null = null;
  #startedAt = 0;
  #ready = false;
  #problem: string | null = null;
  #stopping = false;
  #backoffMs: number = BACKOFF.firstMs;
  #timer: NodeJS.Timeout | undefined;

  constructor(plan: WatchPlan, log: Log) {
    this.#plan = plan;
    this.#log = log;
    this.#start();
  }

  get ready(): boolean {
    return this.#ready;
  }

  get problem(): string | null {
    return this.#problem;
  }

  async stop(withinMs: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const late = setTimeout(() => child.kill('SIGKILL'), withinMs);
    child.kill('SIGTERM');
    await gone;
    clearTimeout(late);
  }

  #start(): void {
    const { data, redis, interfaces } = this.#plan;
    const flags = interfaces.flatMap((name) => ['-i', name]);
    const spool = join(data, 'spool');
    const script = join(packageRoot(), 'bin', 'deadair');
    const [program, args] = guardedCommand([
      script,
      'watch',
      ...flags,
      '--spool',
      spool,
      '--quiet',
    ]);
    // Its findings are on the queue: nobody reads them here.
    const child = spawn(program, args, {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, DEADAIR_TO: redis },
    });
    this.#child = child;
    this.#startedAt = performance.now();
    // It says one thing, once: that it captures (watch.ts).
    child.once('message', () => {
      this.#ready = true;
      this.#problem = null;
    });
    child.once('error', (error) => this.#ended(error.message));
    child.once('exit', (code, signal) => this.#ended(signal ?? `status ${code}`));
  }

  #ended(how: string): void {
    if (this.#child === null) return;
    this.#child = null;
    this.#ready = false;
    this.#problem = how;
    if (this.#stopping) return;
    if (performance.now() - this.#startedAt > HEALTHY_MS) this.#backoffMs = BACKOFF.firstMs;
    const waitMs = this.#backoffMs;
    this.#backoffMs = Math.min(BACKOFF.mostMs, waitMs * 2);
    this.#log.warn({ child: 'watch', how, waitMs }, 'a part died and is started again');
    this.#timer = setTimeout(() => this.#start(), waitMs);
  }
}
