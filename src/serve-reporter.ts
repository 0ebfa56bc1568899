/**
 * The reporter: takes batches off queue `findings` and stores each in one transaction. While the store cannot take any
 * (disk full, busy) it holds the one it has and tries again, so that a queue of thousands costs nothing; the others wait
 * in their order. What is no batch at all becomes a dead letter there.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Log, openLog, quieted } from './base/log.ts';
import { type Consumer, consume, type Handling } from './queue/consumer.ts';
import { type FindingsBatch, isHeartbeat, type Payloads } from './queue/payload.ts';
import { parseRedisUrl, type RedisTarget } from './queue/redis-url.ts';
import { accept, acceptHeartbeat } from './report/intake/accept.ts';
import { noticeSilentAgents, SILENT_AFTER_MS } from './report/store/agents.ts';
import { type Database, openDatabase } from './report/store/database.ts';
import type { RoleConfig, Running } from './serve-role.ts';

export interface ReporterOptions {
  readonly target: RedisTarget;
  readonly db: Database;
  readonly log: Log;
}

const BACKOFF = { firstMs: 250, mostMs: 10_000 } as const;
/** The store's and the disk's own troubles pass; anything else is a bug, and tried a few times. */
const PASSING = /^(?:SQLITE_(?:BUSY|LOCKED|FULL|IOERR|READONLY|CANTOPEN)|ENOSPC|EDQUOT|E_STORE)/;
const MOST_TRIES = 5;
const waitMsOf = (tries: number): number =>
  Math.min(BACKOFF.mostMs, BACKOFF.firstMs * 2 ** Math.min(tries, 10));
const LOOK_MS = 5000;

function store({ db, log }: ReporterOptions, batch: FindingsBatch): void {
  const { refused } = accept(db, batch, Date.now());
  const [first] = refused;
  if (first === undefined) return;
  const fields = { batch: batch.id, refused: refused.length, first: first.id, reason: first.why };
  log.warn(fields, 'a batch held what is no finding or path');
}

/**
 * Agents fall silent when they do, not because nobody listened: after a start they get the time to be heard first.
 */
function watchAgents({ db }: ReporterOptions, told: ReturnType<typeof quieted>): NodeJS.Timeout {
  const heardFrom = Date.now() + SILENT_AFTER_MS;
  return setInterval(() => {
    if (Date.now() < heardFrom) return;
    try {
      noticeSilentAgents(db, Date.now());
    } catch (thrown) {
      told.trouble({ reason: (thrown as Error).message }, 'the store cannot be written');
    }
  }, LOOK_MS);
}

export function report(options: ReporterOptions): Consumer {
  const told = quieted(options.log);
  const handle = async (payload: Payloads['findings'], handling: Handling) => {
    for (let tries = 0; ; tries++) {
      try {
        if (isHeartbeat(payload)) acceptHeartbeat(options.db, payload, Date.now());
        else store(options, payload);
        return told.over('the store can be written again');
      } catch (thrown) {
        const { code = '', message } = thrown as { code?: string; message: string };
        const passes = PASSING.test(code);
        if (!passes && handling.attempt >= MOST_TRIES) throw thrown;
        told.trouble({ reason: message }, 'the store cannot be written');
        if (!passes) throw await handling.later(waitMsOf(handling.attempt));
        await sleep(waitMsOf(tries), undefined, { signal: handling.signal });
      }
    }
  };
  const { target, log } = options;
  const consumer = consume({ target, queue: 'findings', concurrency: 1, log, handle });
  const timer = watchAgents(options, told);
  return {
    async close(withinMs) {
      clearInterval(timer);
      await consumer.close(withinMs);
    },
  };
}

export async function startReporter({ data, redis }: RoleConfig): Promise<Running> {
  return report({ target: parseRedisUrl(redis), db: openDatabase(data), log: openLog('reporter') });
}
