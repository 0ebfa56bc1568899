/**
 * The service as one thing: Redis, the store, the parts and who watches over them. Started in an order in which each
 * finds what it needs, stopped in the opposite one, Redis last.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from './base/errors.ts';
import { makeFolder } from './base/folder.ts';
import { type FolderLock, lockFolder } from './base/folder-lock.ts';
import type { Log } from './base/log.ts';
import { openPrivateRedis, type PrivateRedis } from './queue/private-redis.ts';
import { Producer } from './queue/producer.ts';
import { givenRedis, parseRedisUrl } from './queue/redis-url.ts';
import { type Database, openDatabase } from './report/store/database.ts';
import { makeFolders } from './report/store/places.ts';
import { RoleProcess } from './serve-child.ts';
import type { RoleConfig, RoleName } from './serve-role.ts';
import type { ServeSettings } from './serve-settings.ts';
import { startSweeper, sweepIncoming } from './serve-sweeper.ts';
import { WatchProcess } from './serve-watch.ts';

export interface PartState {
  readonly name: string;
  readonly ready: boolean;
  readonly detail?: string;
}

/** Of the five seconds for all: the parts' share. */
const PARTS_MS = 2000;
/** A connection that does not close is left to the process's end. */
const DOOR_MS = 2000;

interface Supervised {
  readonly name: string;
  readonly ready: boolean;
  readonly problem: string | null;
  stop(withinMs: number): Promise<void>;
}

/** Node's words for a file where the folder, or a parent of it, should be. */
const NO_FOLDER = ['EEXIST', 'ENOTDIR'];

function takeData(data: string): FolderLock {
  try {
    makeFolder(data, 0o700);
    return lockFolder(data, 'serve');
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const { code = 'failed' } = cause as NodeJS.ErrnoException;
    const why = NO_FOLDER.includes(code) ? 'is no folder' : `cannot be used: ${code}`;
    const hint = 'give a folder that may be written with --data';
    throw new AppError('E_STORE', `--data: ${data} ${why}`, hint, cause);
  }
}

export class Service {
  readonly settings: ServeSettings;
  readonly db: Database;
  readonly producer: Producer;
  /** For messages. */
  readonly redisShown: string;
  readonly #lock: FolderLock;
  readonly #redis: PrivateRedis | null;
  readonly #parts: readonly Supervised[];
  readonly #sweeper: { stop(): void };

  private constructor(made: {
    settings: ServeSettings;
    db: Database;
    lock: FolderLock;
    redis: PrivateRedis | null;
    url: string;
    log: Log;
  }) {
    const { settings, db, lock, redis, url, log } = made;
    const target = parseRedisUrl(url);
    this.settings = settings;
    this.db = db;
    this.#lock = lock;
    this.#redis = redis;
    this.redisShown = redis === null ? target.shown : 'a private one';
    this.producer = new Producer(target);
    this.#parts = startParts(settings, url, log);
    this.#sweeper = startSweeper({ db, producer: this.producer, log });
  }

  /** Throws E_DATA_LOCKED, E_STORE, E_REDIS_MISSING, E_REDIS_URL. A Redis that was named need not be there yet. */
  static async start(
    settings: ServeSettings,
    env: Readonly<Record<string, string | undefined>>,
    log: Log,
  ): Promise<Service> {
    const { data } = settings;
    const given = givenRedis(settings.redis, env);
    if (given !== null) parseRedisUrl(given);
    const lock = takeData(data);
    let redis: PrivateRedis | null = null;
    try {
      const db = openDatabase(data);
      makeFolders(data);
      sweepIncoming(data);
      redis = given === null ? await openPrivateRedis(data, log, env) : null;
      const url = given ?? redis?.url ?? '';
      return new Service({ settings, db, lock, redis, url, log });
    } catch (thrown) {
      await redis?.stop();
      lock.release();
      throw thrown;
    }
  }

  /** One line for each thing that must be there. */
  async readiness(): Promise<readonly PartState[]> {
    const redis = await this.producer.ping().then(
      () => ({ name: 'redis', ready: true }),
      (thrown: unknown) => ({ name: 'redis', ready: false, detail: (thrown as Error).message }),
    );
    const parts = this.#parts.map(({ name, ready, problem }) => ({
      name,
      ready,
      ...(problem === null ? {} : { detail: problem }),
    }));
    return [redis, ...parts];
  }

  /** `door`: what is to be closed with the parts, because both take their time. */
  async stop(door: Promise<void> = Promise.resolve()): Promise<void> {
    this.#sweeper.stop();
    const closed = Promise.race([door, sleep(DOOR_MS, undefined, { ref: false })]);
    await Promise.all([closed, ...this.#parts.map((part) => part.stop(PARTS_MS))]);
    await this.producer.close();
    this.db.close();
    await this.#redis?.stop();
    this.#lock.release();
  }
}

function startParts(settings: ServeSettings, redis: string, log: Log): readonly Supervised[] {
  const { data, only, watch, inbox, inboxRestMs, jobs, jobMemoryBytes, names, webhookAllow } =
    settings;
  const config: RoleConfig = {
    data,
    redis,
    concurrency: jobs,
    memoryBytes: jobMemoryBytes,
    names,
    webhookAllow,
    inbox,
    inboxRestMs,
  };
  const roles: RoleName[] = [];
  for (const part of only) if (part !== 'api') roles.push(part);
  if (inbox.length > 0) roles.push('inbox');
  const watcher =
    watch.length === 0 ? [] : [new WatchProcess({ data, redis, interfaces: watch }, log)];
  return [...roles.map((name) => new RoleProcess(name, config, log)), ...watcher];
}
