/**
 * `deadair serve --watch IF`: `deadair watch` as a supervised process, whose findings come in over the queue as those of
 * any other agent.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Log } from './base/log.ts';
import { packageRoot } from './base/root.ts';
import { guardedCommand } from './serve-spawn.ts';
import { Supervised } from './serve-supervised.ts';

export interface WatchPlan {
  readonly data: string;
  /** URL; it goes by the environment, because arguments can be read by everybody. */
  readonly redis: string;
  readonly interfaces: readonly string[];
}

const BACKOFF = { firstMs: 1000, mostMs: 30_000 } as const;

export class WatchProcess extends Supervised {
  readonly #plan: WatchPlan;

  constructor(plan: WatchPlan, log: Log) {
    super('watch', BACKOFF, log);
    this.#plan = plan;
    this.start();
  }

  protected spawn(): ChildProcess {
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
    // It says one thing, once: that it captures (watch.ts).
    child.once('message', () => this.isReady());
    return child;
  }

  protected ask(child: ChildProcess, withinMs: number): number {
    child.kill('SIGTERM');
    return withinMs;
  }

  protected problemOf(how: string): string {
    return how;
  }
}
