/** One role as a supervised process. Whether it is ready is asked by /readyz. */
import type { ChildProcess } from 'node:child_process';
import type { Log } from './base/log.ts';
import type { FromRole, RoleConfig, RoleName, ToRole } from './serve-role.ts';
import { spawnRole } from './serve-spawn.ts';
import { Supervised } from './serve-supervised.ts';

const BACKOFF = { firstMs: 100, mostMs: 5000 } as const;

function send(child: ChildProcess, message: ToRole): void {
  if (child.connected) child.send(message, () => {});
}

export class RoleProcess extends Supervised {
  readonly #role: RoleName;
  readonly #config: RoleConfig;

  constructor(role: RoleName, config: RoleConfig, log: Log) {
    super(role, BACKOFF, log);
    this.#role = role;
    this.#config = config;
    this.start();
  }

  protected spawn(): ChildProcess {
    const child = spawnRole(this.#role);
    child.on('message', (message: FromRole) => this.#hear(message, child));
    send(child, { kind: 'start', config: this.#config });
    return child;
  }

  protected ask(child: ChildProcess, withinMs: number): number {
    send(child, { kind: 'stop', withinMs });
    return withinMs + 500;
  }

  /** A role that cannot start says why itself. */
  protected problemOf(): null {
    return null;
  }

  #hear(message: FromRole, child: ChildProcess): void {
    if (message.kind === 'ready') {
      this.isReady();
      return;
    }
    const problem = `${message.message} (${message.code})`;
    this.cannotStart(problem);
    this.log.error({ child: this.name, reason: problem }, 'a part cannot start');
    child.kill('SIGKILL');
  }
}
