/** A store, a key, a clock that is moved by hand: the webhook stage without its process and its queue. */
import { type Database, openDatabase } from '../../src/report/store/database.ts';
import type { Delivery, ToQueue } from '../../src/report/store/deliveries.ts';
import { deliveryOf, listDeliveries } from '../../src/report/store/deliveries.ts';
import { appendEvent, type Happening } from '../../src/report/store/events.ts';
import { Dispatcher } from '../../src/webhook/dispatcher.ts';
import { reachableWith } from '../../src/webhook/guard/addresses.ts';
import { makeWebhook, type Made, type Registry } from '../../src/webhook/registry.ts';
import { sealOf } from '../../src/webhook/seal.ts';
import { Sender, type Sent } from '../../src/webhook/sender.ts';
import type { NewWebhook } from '../../src/webhook/subscription.ts';
import { withFolder } from '../kit/temporary.ts';

export interface Bench extends Registry {
  readonly db: Database;
  readonly folder: string;
  clockMs: number;
  readonly sender: Sender;
  readonly dispatcher: Dispatcher;
  /** Deliveries that were put on the queue, in order. */
  readonly queue: ToQueue[];
  subscribe(wanted: Partial<NewWebhook> & { readonly url: string }): Promise<Made>;
  happen(...happenings: readonly Happening[]): void;
  /** Events to deliveries, until nothing is left. */
  settle(): Promise<void>;
  /** Sends what is on the queue, once. */
  deliver(): Promise<readonly Sent[]>;
  deliveries(webhook: string): readonly Delivery[];
  delivery(id: string): Delivery;
}

const START_MS = Date.parse('2026-11-23T05:00:00Z');

const allOf = (db: Database, webhook: string): readonly Delivery[] =>
  [...listDeliveries(db, webhook, { limit: 1000, after: null }).items].reverse();

function benchIn(folder: string, allow: readonly string[]): Bench {
  const db = openDatabase(folder);
  const queue: ToQueue[] = [];
  const [seal, reach] = [sealOf(folder), reachableWith(allow)];
  const now = (): number => bench.clockMs;
  const enqueue = async (tasks: readonly ToQueue[]): Promise<void> => void queue.push(...tasks);
  const bench: Bench = {
    db,
    folder,
    seal,
    reach,
    now,
    queue,
    clockMs: START_MS,
    sender: new Sender({ db, seal, reach, version: '0', now, random: () => 0.5, timeoutMs: 2000 }),
    dispatcher: new Dispatcher({ db, enqueue, now }),
    subscribe: (wanted) => makeWebhook(bench, { events: ['finding.created'], ...wanted }),
    happen: (...happenings) =>
      db.transaction(() => {
        for (const each of happenings) appendEvent(db, each, bench.clockMs);
      }),
    async settle() {
      while (await bench.dispatcher.turn());
    },
    deliver: () => Promise.all(queue.splice(0).map(({ id }) => bench.sender.send(id, false))),
    deliveries: (webhook) => allOf(db, webhook),
    delivery(id) {
      const found = deliveryOf(db, id);
      if (found === null) throw new Error(`no delivery ${id}`);
      return found;
    },
  };
  return bench;
}

export const LOOPBACK = ['127.0.0.0/8', '::1/128'];

export const withBench = <T>(
  use: (bench: Bench) => Promise<T>,
  allow: readonly string[] = LOOPBACK,
): Promise<T> =>
  withFolder(async (folder) => {
    const bench = benchIn(folder, allow);
    try {
      return await use(bench);
    } finally {
      bench.db.close();
    }
  });
