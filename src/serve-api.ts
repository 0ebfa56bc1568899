/**
 * The API of `deadair serve`: where it listens, who may enter, and what it hands to the queues. Refuses to stand open:
 * beyond loopback it wants tokens, and TLS or a word that plain HTTP is meant.
 */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { AppError } from './base/errors.ts';
import { openLog } from './base/log.ts';
import { packageRoot } from './base/root.ts';
import { type Environment, Settings } from './config.ts';
import { filterComplaint } from './filter-check.ts';
import type { Producer } from './queue/producer.ts';
import type { AccessRules } from './report/api/access/access.ts';
import { Failures } from './report/api/access/failures.ts';
import { tokensFrom } from './report/api/access/tokens.ts';
import type { ApiContext, Queues, Readiness } from './report/api/context.ts';
import { buildServer } from './report/api/server.ts';
import { type AddressNames, NO_NAMES } from './report/names.ts';
import { namesFrom } from './report/names-file.ts';
import { type Database, openDatabase } from './report/store/database.ts';
import { startUpkeep } from './report/store/upkeep.ts';
import { retentionFrom } from './serve-retention.ts';
import { boardRoutes } from './serve-board.ts';
import { queueMetrics } from './serve-metrics.ts';
import { byteSetting } from './serve-settings.ts';
import { webhookRoutes } from './webhook/api/routes.ts';
import { reachableWith } from './webhook/guard/addresses.ts';
import { webhookMetrics } from './webhook/metrics.ts';
import { sealOf } from './webhook/seal.ts';

export interface ApiOptions {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Environment;
  readonly data: string;
  readonly db: Database;
  readonly queues: Queues;
  readonly producer: Producer;
  readonly webhookAllow: readonly string[];
  readonly readiness: () => Promise<readonly Readiness[]>;
}

export interface RunningApi {
  readonly url: string;
  close(): Promise<void>;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

const MAX_UPLOAD = 2 * 1024 ** 3;
/** "127.0.0.1:8686", "[::1]:8686", "0.0.0.0:0"; a name is refused, because it may come to mean another address. */
export function parseListen(text: string): Address {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const named = match?.[1] ?? match?.[2] ?? '';
  const host = named === 'localhost' ? '127.0.0.1' : named;
  const port = Number(match?.[3]);
  if (isIP(host) !== 0 && port <= 65_535) return { host, port };
  const hint = 'write an IP address and a port: 127.0.0.1:8686, [::1]:8686, 0.0.0.0:8686';
  throw new AppError('E_USAGE', `--listen: "${text}" is no address with a port`, hint);
}

const isLoopback = (host: string): boolean => host === '::1' || host.startsWith('127.');

function pem(flag: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (thrown) {
    const hint = 'check the name and the rights of the file';
    throw new AppError('E_USAGE', `--${flag}: the file cannot be read`, hint, thrown);
  }
}

interface Tls {
  readonly cert: Buffer;
  readonly key: Buffer;
}

function tlsFrom(settings: Settings): Tls | null {
  const [cert, key] = [settings.text('tls-cert'), settings.text('tls-key')];
  if (cert === null && key === null) return null;
  if (cert === null || key === null)
    throw new AppError('E_USAGE', '--tls-cert and --tls-key go together', 'give both');
  return { cert: pem('tls-cert', cert), key: pem('tls-key', key) };
}

const exposed = (what: string, hint: string): AppError =>
  new AppError('E_EXPOSED', `--listen: beyond loopback deadair wants ${what}`, hint);

function rulesFrom(settings: Settings, env: Environment, { host }: Address, tls: Tls | null) {
  const tokens = tokensFrom(env);
  const names = settings.texts('name').map((name) => name.toLowerCase());
  const local = isLoopback(host);
  if (!local && tokens.length === 0)
    throw exposed('tokens', 'set DEADAIR_TOKEN (or DEADAIR_TOKEN_FILE)');
  if (!local && tls === null && !settings.on('insecure-http'))
    throw exposed('TLS', 'give --tls-cert and --tls-key, or say --insecure-http');
  const rules: AccessRules = {
    tokens,
    trusting: tokens.length === 0,
    names: local || names.length > 0 ? names : null,
    scheme: tls === null ? 'http' : 'https',
  };
  return rules;
}

async function listen(app: FastifyInstance, { host, port }: Address): Promise<number> {
  try {
    await app.listen({ host, port });
  } catch (thrown) {
    await app.close();
    const { code = '' } = thrown as NodeJS.ErrnoException;
    const hint = 'another program may listen there: give another --listen';
    throw new AppError('E_LISTEN', `cannot listen on ${host}:${port}: ${code}`, hint, thrown);
  }
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

const urlOf = (scheme: string, host: string, port: number): string =>
  `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;

function namesOf(settings: Settings): AddressNames {
  const file = settings.text('names');
  return file === null ? NO_NAMES : namesFrom(file);
}

/** Throws E_USAGE, E_NAMES, E_TOKEN, E_EXPOSED, E_LISTEN, E_WEBHOOK_KEY. */
export async function startApi(options: ApiOptions): Promise<RunningApi> {
  const { flags, env, data, db, queues, producer, readiness } = options;
  const settings = new Settings(flags, env);
  const address = parseListen(settings.text('listen') ?? '127.0.0.1:8686');
  const tls = tlsFrom(settings);
  const rules = rulesFrom(settings, env, address, tls);
  const context: ApiContext = {
    db,
    data,
    queues,
    rules,
    failures: new Failures(),
    maxUpload: byteSetting(settings, 'max-upload', MAX_UPLOAD),
    clock: Date.now,
    filterComplaint,
    names: namesOf(settings),
    readiness,
    moreMetrics: async () =>
      `${await queueMetrics(producer)}\n${await webhookMetrics(db, Date.now())}`,
  };
  const log = openLog('api', env);
  const webhooks = { db, seal: sealOf(data), reach: reachableWith(options.webhookAllow) };
  const app = await buildServer({
    context,
    follow: openDatabase(data),
    tls,
    // pino it is; Log shows only what the rest of the service uses of it.
    log: log as FastifyBaseLogger,
    dashboard: join(packageRoot(), 'dist', 'web'),
    more: [(scope) => webhookRoutes(scope, webhooks), (scope) => boardRoutes(scope, producer)],
  });
  const port = await listen(app, address);
  const upkeep = startUpkeep({ data, rules: retentionFrom(settings) }, log);
  const close = async () => void (await Promise.all([app.close(), upkeep.stop()]));
  return { url: urlOf(rules.scheme, address.host, port), close };
}
