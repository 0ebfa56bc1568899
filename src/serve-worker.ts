/** The process that works on captures beside the store: see serve-captures.ts. */
import { join } from 'node:path';
import { openLog } from './base/log.ts';
import { Producer } from './queue/producer.ts';
import { parseRedisUrl } from './queue/redis-url.ts';
import { openDatabase } from './report/store/database.ts';
import { workOnCaptures } from './serve-captures.ts';
import { localDesk } from './serve-desk.ts';
import type { RoleConfig, Running } from './serve-role.ts';
import { sweepOrphans } from './serve-sweeper.ts';

/** Chosen: nobody takes so long between a capture's rename and its row. */
const ORPHAN_MS = 3_600_000;

export async function startWorker(config: RoleConfig): Promise<Running> {
  const { data, redis, concurrency, memoryBytes, names } = config;
  const target = parseRedisUrl(redis);
  const producer = new Producer(target);
  const db = openDatabase(data);
  const log = openLog('worker');
  const orphans = sweepOrphans(data, db, ORPHAN_MS);
  if (orphans > 0) log.info({ orphans }, 'removed captures and reports that no job knows');
  const desk = localDesk({ data, db, producer, worker: `local-${process.pid}` });
  const work = join(data, 'work');
  return workOnCaptures({ target, desk, work, concurrency, memoryBytes, names, log });
}
