/**
 * One role as a supervised process: started, started again with back-off when it dies, stopped with the rest. Whether
 * it is ready is asked by /readyz.
 */
import type { ChildProcess } from 'node:child_process';
import type { Log } from './base/log.ts';
import type { FromRole, RoleConfig, RoleName, ToRole } from './serve-role.ts';
import { spawnRole } from './serve-spawn.ts';

const BACKOFF = { firstMs: 100, mostMs: 5000 } as const;
/** Chosen: a process that lived so long did not die of its start. */
const HEALTHY_MS = 10_000;

export class RoleProcess {
  readonly name: RoleName;
  readonly #config: RoleConfig;
  readonly #log: Log;
  #child: ChildProcess | null = null;
  #ready = false;
  #problem: string | null = null;
  #stopping = false;
  #backoffMs: number = BACKOFF.firstMs;
  #startedAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(name: RoleName, config: RoleConfig, log: Log) {
    this.name = name;
    this.#config = config;
    this.#log = log;
    this.#start();
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** Why it is not ready, where that is known. */
  get problem(): string | null {
    return this.#problem;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** SIGKILL for what is not over by then. */
  async stop(withinMs: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const late = setTimeout(() => child.kill('SIGKILL'), withinMs + 500);
    this.#send(child, { kind: 'stop', withinMs });
    await gone;
    clearTimeout(late);
  }

  #send(child: ChildProcess, message: ToRole): void {
    if (child.connected) child.send(message, () => {});
  }

  #start(): void {
    const child = spawnRole(this.name);
    this.#child = child;
    this.#startedAt = performance.now();
    child.on('message', (message: FromRole) => this.#hear(message, child));
    child.once('error', () => this.#ended(child, 'could not be started'));
    child.once('exit', (code, signal) => this.#ended(child, signal ?? `status ${code}`));
    this.#send(child, { kind: 'start', config: this.#config });
  }

  #hear(message: FromRole, child: ChildProcess): void {
    if (message.kind === 'ready') {
      this.#ready = true;
      this.#problem = null;
      return;
    }
    this.#problem = `${message.message} (${message.code})`;
    this.#log.error({ child: this.name, reason: this.#problem }, 'a part cannot start');
    child.kill('SIGKILL');
  }

  #ended(child: ChildProcess, how: string): void {
    if (this.#child !== child) return;
    this.#child = null;
    this.#ready = false;
    if (this.#stopping) return;
    if (performance.now() - this.#startedAt > HEALTHY_MS) this.#backoffMs = BACKOFF.firstMs;
    const waitMs = this.#backoffMs;
    this.#backoffMs = Math.min(BACKOFF.mostMs, waitMs * 2);
    this.#log.warn({ child: this.name, how, waitMs }, 'a part died and is started again');
    this.#timer = setTimeout(() => this.#start(), waitMs);
  }
}
