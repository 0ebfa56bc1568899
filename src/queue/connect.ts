/**
 * Connections to Redis, and how patient each is.
 *
 * A producer gives up within COMMAND_MS, because whoever adds a job keeps it in a spool or a table until it is taken. A
 * worker waits for ever, because it has nothing else to do. Both come back on their own.
 */
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { COMMAND_MS } from './names.ts';
import type { RedisTarget } from './redis-url.ts';

export type Connection = Redis | Cluster;
export type Patience = 'producer' | 'worker';
type Options = Omit<RedisOptions, 'replyMapping'>;

/** Chosen: a returned Redis is used within a second, an absent one costs little. */
const RETRY_MOST_MS = 1000;

const retry = (times: number): number => Math.min(50 * 2 ** Math.min(times, 6), RETRY_MOST_MS);

const PATIENCE: Readonly<Record<Patience, Options>> = {
  producer: { commandTimeout: COMMAND_MS, maxRetriesPerRequest: 1, enableOfflineQueue: false },
  worker: { maxRetriesPerRequest: null },
};

function commonOptions(target: RedisTarget, patience: Patience): Options {
  return {
    ...PATIENCE[patience],
    ...(target.username === null ? {} : { username: target.username }),
    ...(target.password === null ? {} : { password: target.password }),
    ...(target.tls === null ? {} : { tls: target.tls.ca === '' ? {} : { ca: target.tls.ca } }),
    connectTimeout: COMMAND_MS,
    retryStrategy: retry,
    connectionName: 'deadair',
  };
}

function openCluster(target: RedisTarget, patience: Patience): Cluster {
  const {
    retryStrategy: _,
    enableOfflineQueue = true,
    ...redisOptions
  } = commonOptions(target, patience);
  return new Cluster([...target.nodes], {
    redisOptions,
    enableOfflineQueue,
    clusterRetryStrategy: retry,
    slotsRefreshTimeout: COMMAND_MS,
  });
}

function openOne(target: RedisTarget, patience: Patience): Redis {
  const common = { ...commonOptions(target, patience), db: target.db };
  if (target.socket !== null) return new Redis({ ...common, path: target.socket });
  const [node = { host: '127.0.0.1', port: 6379 }] = target.nodes;
  return new Redis({ ...common, ...node });
}

/** Its errors go to `onError` alone; the same one again and again is the caller's to keep quiet about. */
export function connect(
  target: RedisTarget,
  patience: Patience,
  onError: (error: Error) => void,
): Connection {
  const client = target.cluster ? openCluster(target, patience) : openOne(target, patience);
  client.on('error', onError);
  return client;
}

/** Ends it now; what waits in it fails. */
export const disconnect = (client: Connection): void => client.disconnect();

/** Answers within `withinMs`, whatever Redis does. */
export async function answers(target: RedisTarget, withinMs: number): Promise<boolean> {
  const client = connect(target, 'producer', () => {});
  const deadline = performance.now() + withinMs;
  try {
    while (performance.now() < deadline) {
      const said = await client.ping().catch(() => null);
      if (said === 'PONG') return true;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return false;
  } finally {
    disconnect(client);
  }
}
