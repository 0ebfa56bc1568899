/**
 * A Redis of our own, for a service that was given none: a child on a unix socket in the data directory, with an
 * append-only file beside it.
 *
 * It is alone on its folder, because two would write the same file: the folder is locked, a survivor of an earlier run
 * is adopted, and the child dies with this process even at SIGKILL (`setpriv --pdeathsig`). It has a session of its
 * own, so that Ctrl-C does not reach it before the rest has drained; it is stopped last.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '../base/errors.ts';
import { type FolderLock, lockFolder } from '../base/folder-lock.ts';
import type { Log } from '../base/log.ts';
import {
  identify,
  isRunning,
  type ProcessIdentity,
  signalProcess,
  untilGone,
} from '../base/process-identity.ts';
import { answers } from './connect.ts';
import { forgetNote, readNote, redisFolder, socketIn, writeNote } from './private-redis-place.ts';
import { parseRedisUrl, type RedisTarget } from './redis-url.ts';

/** Ready in 0.1 s where the append-only file is small; chosen: a large one is given this long. */
const START_MS = 30_000;
const STOP_MS = 2000;
const BACKOFF = { firstMs: 100, mostMs: 5000 } as const;
/** Chosen: how often an adopted one, whose end nobody reports, is looked at. */
const WATCH_MS = 250;
/** Chosen: a survivor that does not answer within it is hung. */
const ADOPT_MS = 3000;

export interface PrivateRedis {
  readonly target: RedisTarget;
  /** For other processes of this user. */
  readonly url: string;
  readonly pid: () => number | null;
  /** Saves and ends it. */
  stop(): Promise<void>;
}

const runs = (program: string, args: readonly string[]): boolean => {
  try {
    execFileSync(program, args, { stdio: 'ignore', timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
};

/** The first that runs. Throws E_REDIS_MISSING. */
export function findServer(candidates = ['redis-server', 'valkey-server']): string {
  const found = candidates.find((program) => runs(program, ['--version']));
  if (found !== undefined) return found;
  throw new AppError(
    'E_REDIS_MISSING',
    'neither redis-server nor valkey-server is installed, and no Redis was named',
    'apt-get install redis-server, or name one with --redis or DEADAIR_REDIS',
  );
}

const argumentsFor = (folder: string, socket: string): string[] => [
  ...['--port', '0', '--unixsocket', socket, '--unixsocketperm', '700'],
  ...['--dir', folder, '--appendonly', 'yes', '--appendfsync', 'everysec'],
  ...['--maxmemory-policy', 'noeviction', '--save', '', '--loglevel', 'warning'],
];

class Keeper implements PrivateRedis {
  readonly target: RedisTarget;
  readonly url: string;
  readonly #folder: string;
  readonly #socket: string;
  readonly #program: string;
  readonly #log: Log;
  readonly #lock: FolderLock;
  readonly #guard = runs('setpriv', ['--pdeathsig', 'KILL', 'true']);
  #running: ProcessIdentity | null = null;
  #stopping = false;
  #backoffMs: number = BACKOFF.firstMs;
  #timer: NodeJS.Timeout | undefined;

  constructor(folder: string, program: string, log: Log, lock: FolderLock, socket: string) {
    this.#folder = folder;
    this.#program = program;
    this.#log = log;
    this.#lock = lock;
    this.#socket = socket;
    this.url = `unix:${socket.split('/').map(encodeURIComponent).join('/')}`;
    this.target = parseRedisUrl(this.url);
  }

  pid(): number | null {
    return this.#running?.pid ?? null;
  }

  /** True: an earlier run's server is alive and ours again. */
  async adopt(identity: ProcessIdentity): Promise<boolean> {
    const deadline = performance.now() + ADOPT_MS;
    // It may be on its way out with the process that started it.
    while (isRunning(identity) && !(await answers(this.target, 200))) {
      if (performance.now() > deadline) return false;
    }
    if (!isRunning(identity)) return false;
    this.#running = identity;
    this.#log.info({ redisPid: identity.pid }, 'adopted the private Redis of an earlier run');
    this.#watch(identity);
    return true;
  }

  async start(): Promise<void> {
    rmSync(this.#socket, { force: true });
    const child = this.#spawn();
    await this.#untilReady(child);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const running = this.#running;
    if (running !== null) {
      signalProcess(running, 'SIGTERM');
      // A stopped process takes no SIGTERM; everything promised lies in its append-only file.
      if (!(await untilGone(running, STOP_MS))) signalProcess(running, 'SIGKILL');
    }
    forgetNote(this.#folder);
    if (dirname(this.#socket) !== this.#folder) {
      rmSync(dirname(this.#socket), { recursive: true, force: true });
    }
    this.#lock.release();
  }

  #spawn(): ChildProcess {
    const args = argumentsFor(this.#folder, this.#socket);
    const guarded = ['--pdeathsig', 'KILL', '--', this.#program, ...args];
    const child = this.#guard
      ? spawn('setpriv', guarded, { detached: true, stdio: 'ignore' })
      : spawn(this.#program, args, { detached: true, stdio: 'ignore' });
    child.unref();
    child.once('error', () => this.#ended());
    child.once('exit', () => this.#ended());
    const identity = child.pid === undefined ? null : identify(child.pid);
    this.#running = identity;
    if (identity !== null) writeNote(this.#folder, { process: identity, socket: this.#socket });
    return child;
  }

  async #untilReady(child: ChildProcess): Promise<void> {
    const deadline = performance.now() + START_MS;
    while (performance.now() < deadline && child.exitCode === null && child.signalCode === null) {
      if (await answers(this.target, 500)) {
        this.#backoffMs = BACKOFF.firstMs;
        return;
      }
    }
    throw new AppError(
      'E_REDIS_AWAY',
      `the private Redis in ${this.#folder} does not start`,
      'is the disk full, or the append-only file damaged (redis-check-aof --fix)?',
    );
  }

  #watch(identity: ProcessIdentity): void {
    this.#timer = setTimeout(() => {
      if (isRunning(identity)) this.#watch(identity);
      else this.#ended();
    }, WATCH_MS).unref();
  }

  #ended(): void {
    this.#running = null;
    if (this.#stopping) return;
    const waitMs = this.#backoffMs;
    this.#backoffMs = Math.min(BACKOFF.mostMs, waitMs * 2);
    this.#log.warn({ waitMs }, 'the private Redis ended and is started again');
    this.#timer = setTimeout(() => {
      // Its end is heard here again if it does not come up.
      this.start().catch(() => {});
    }, waitMs).unref();
  }
}

/** A server that answers no more may still hold the file: it goes before another starts. */
async function removeSurvivor(identity: ProcessIdentity): Promise<void> {
  signalProcess(identity, 'SIGKILL');
  await untilGone(identity, STOP_MS);
}

/**
 * `data`: folder of the service. Throws E_DATA_LOCKED, E_REDIS_MISSING (nothing to start), E_REDIS_AWAY (does not come
 * up).
 */
export async function openPrivateRedis(
  data: string,
  log: Log,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<PrivateRedis> {
  const folder = redisFolder(data);
  const lock = lockFolder(folder, 'redis');
  try {
    const note = readNote(folder);
    const program = findServer();
    if (note !== null && isRunning(note.process)) {
      const survivor = new Keeper(folder, program, log, lock, note.socket);
      if (await survivor.adopt(note.process)) return survivor;
      await removeSurvivor(note.process);
    }
    const keeper = new Keeper(folder, program, log, lock, socketIn(folder, env));
    await keeper.start().catch(async (thrown: unknown) => {
      await keeper.stop();
      throw thrown;
    });
    return keeper;
  } catch (thrown) {
    lock.release();
    throw thrown;
  }
}
