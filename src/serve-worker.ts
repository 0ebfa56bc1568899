/** The process that works on captures beside the store: see serve-captures.ts. */
import { join } from 'node:path';
import { openLog } from './base/log.ts';
import { Producer } from './queue/producer.ts';
import { parseRedisUrl } from './queue/redis-url.ts';
import { openDatabase } from './report/store/database.ts';
import { workOnCaptures } from './serve-captures.ts';
import { localDesk } from './serve-desk.ts';
import type { RoleConfig, Running } from './serve-role.ts';

export async function startWorker(config: RoleConfig): Promise<Running> {
  const { data, redis, concurrency, memoryBytes } = config;
  const target = parseRedisUrl(redis);
  const producer = new Producer(target);
  const db = openDatabase(data);
  const desk = localDesk({ data, db, producer, worker: `local-${process.pid}` });
  const work = join(data, 'work');
  return workOnCaptures({ target, desk, work, concurrency, memoryBytes, log: openLog('worker') });
}
