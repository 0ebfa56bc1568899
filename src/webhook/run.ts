/**
 * The webhooks process: follows the store and sends, until it is told to stop.
 *
 * It needs the data directory and Redis, and of Redis only that it comes back: meanwhile deliveries stand
 * in the store. It opens its own connection to the store, whose PRAGMA data_version tells cheaply that
 * another process has written something.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Log, quieted } from '../base/log.ts';
import { type Consumer, consume, type Handling } from '../queue/consumer.ts';
import { Producer } from '../queue/producer.ts';
import type { RedisTarget } from '../queue/redis-url.ts';
import { type Database, openDatabase } from '../report/store/database.ts';
import type { ToQueue } from '../report/store/deliveries.ts';
import { Dispatcher, jobIdOf, WINDOW } from './dispatcher.ts';
import { reachableWith } from './guard/addresses.ts';
import { sealOf } from './seal.ts';
import { Sender } from './sender.ts';

export interface WebhooksOptions {
  /** The data directory. */
  readonly data: string;
  readonly redis: RedisTarget;
  /** Values of --webhook-allow. */
  readonly allow: readonly string[];
  /** Of deadair, for the User-Agent. */
  readonly version: string;
  readonly log: Log;
  /** Aborted: finish what is being sent, then return. */
  readonly signal: AbortSignal;
}

/** Chosen: with the rest of the way well within the 2 s of the contract. */
const LOOK_EVERY_MS = 100;
/** Also when nobody else writes: alerts become due, and what was sent makes room on the queue. */
const TURN_EVERY_MS = 200;
/** After trouble with Redis or the store. */
const RESPITE_MS = 1000;
/**
 * Chosen: two subscriptions whose endpoints are all but slow may have their whole window in line (lanes.ts), and the
 * others still find room. What waits in line is an id.
 */
export const CONCURRENCY = 3 * WINDOW;
/** Of the five seconds that the whole service has for stopping. */
const STOP_MS = 2000;

const enqueueWith =
  (producer: Producer) =>
  (tasks: readonly ToQueue[]): Promise<void> =>
    producer.add(
      'webhooks',
      tasks.map((task) => ({
        id: jobIdOf(task),
        payload: { v: 1 as const, delivery: task.id },
        delayMs: task.delayMs,
      })),
    );

/** A delivery whose outcome could not be written comes again: it must not become a dead letter. */
async function handle(sender: Sender, id: string, handling: Handling, log: Log): Promise<void> {
  const { attempt, signal } = handling;
  const sent = await sender.send(id, attempt === 1, signal).catch(async (thrown: unknown) => {
    if (!signal.aborted)
      log.error({ delivery: id, reason: String(thrown) }, 'a delivery broke off');
    throw await handling.later(RESPITE_MS);
  });
  if (sent.kind === 'later') throw await handling.later(sent.inMs);
  if (sent.kind === 'dead') throw new Error(sent.why);
}

/** True: something moved since the last look. */
function watcherOf(db: Database): () => boolean {
  let [seen, turnedAt] = [-1, Number.NEGATIVE_INFINITY];
  return () => {
    const version = db.dataVersion();
    const now = performance.now();
    if (version === seen && now - turnedAt < TURN_EVERY_MS) return false;
    [seen, turnedAt] = [version, now];
    return true;
  };
}

async function follow(db: Database, dispatcher: Dispatcher, { log, signal }: WebhooksOptions) {
  const told = quieted(log);
  const moved = watcherOf(db);
  let more = true;
  while (!signal.aborted) {
    try {
      if (moved() || more) more = await dispatcher.turn();
      told.over('webhooks go out again');
      await sleep(more ? 0 : LOOK_EVERY_MS, undefined, { signal });
    } catch (thrown) {
      if (signal.aborted) return;
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      told.trouble({ reason }, 'webhooks cannot be handed on');
      more = true;
      await sleep(RESPITE_MS, undefined, { signal }).catch(() => {});
    }
  }
}

function consumerOf(sender: Sender, { redis, log }: WebhooksOptions): Consumer {
  return consume({
    target: redis,
    queue: 'webhooks',
    concurrency: CONCURRENCY,
    log,
    handle: ({ delivery }, handling) => handle(sender, delivery, handling, log),
  });
}

/** Returns after `signal`. Throws E_USAGE for an --webhook-allow that is no CIDR, E_STORE…, E_WEBHOOK_KEY. */
export async function runWebhooks(options: WebhooksOptions): Promise<void> {
  const { data, redis, allow, version } = options;
  const reach = reachableWith(allow);
  // What a power cut takes back is sent again, under the same id.
  const db = openDatabase(data, 'file');
  const producer = new Producer(redis);
  try {
    const sender = new Sender({ db, seal: sealOf(data), reach, version });
    const dispatcher = new Dispatcher({ db, enqueue: enqueueWith(producer) });
    const consumer = consumerOf(sender, options);
    await follow(db, dispatcher, options);
    sender.close();
    await consumer.close(STOP_MS);
  } finally {
    await producer.close();
    db.close();
  }
}
