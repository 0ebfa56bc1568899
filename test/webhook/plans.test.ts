/** Every statement of the webhook stage goes down an index: the log may hold 200 000 deliveries. */
import { expect, test } from 'vitest';
import type { Value } from '../../src/report/store/database.ts';
import {
  attemptsOf,
  countDeliveries,
  oldestPending,
  redeliver,
} from '../../src/report/store/deliveries.ts';
import { deleteWebhook } from '../../src/report/store/webhooks.ts';
import { QUIET_MS } from '../../src/webhook/alert.ts';
import { patchWebhook } from '../../src/webhook/registry.ts';
import { type Bench, withBench } from './bench.ts';
import { created, labKills } from './kills.ts';

/** Statement → the steps of its plan. */
async function plansOf(bench: Bench, work: () => Promise<void>): Promise<Map<string, string[]>> {
  const { db } = bench;
  const seen = new Map<string, readonly Value[]>();
  const [all, run] = [db.all.bind(db), db.run.bind(db)];
  db.all = <Row>(sql: string, ...values: readonly Value[]) => {
    seen.set(sql, values);
    return all<Row>(sql, ...values);
  };
  db.run = (sql, ...values) => {
    seen.set(sql, values);
    return run(sql, ...values);
  };
  await work();
  const plan = (sql: string, values: readonly Value[]) =>
    all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...values).map(({ detail }) => detail);
  return new Map(
    [...seen]
      .filter(([sql]) => !/^\s*PRAGMA/.test(sql))
      .map(([sql, values]) => [sql, plan(sql, values)] as const),
  );
}

const LARGE =
  /^SCAN (?:deliveries|delivery_attempts|events|findings|paths|webhook_kills|webhook_alerts)\b(?!.*USING)/;

test('no statement walks through a large table', async () => {
  const { findings } = await labKills();
  await withBench(async (bench) => {
    const plans = await plansOf(bench, async () => {
      const { webhook } = await bench.subscribe({ url: 'http://127.0.0.1:9/' });
      const grouped = await bench.subscribe({ url: 'http://127.0.0.1:9/', group: 'path' });
      bench.happen(...findings.map(created));
      await bench.settle();
      await bench.deliver();
      bench.clockMs += QUIET_MS + 60_000;
      await bench.settle();
      for (const { id } of bench.deliveries(webhook.id).slice(0, 1)) {
        attemptsOf(bench.db, id);
        redeliver(bench.db, id, bench.clockMs);
      }
      countDeliveries(bench.db);
      oldestPending(bench.db);
      await patchWebhook(bench, grouped.webhook.id, { state: 'paused' });
      deleteWebhook(bench.db, webhook.id);
    });
    expect(plans.size).toBeGreaterThan(20);
    const walking = [...plans].filter(([, steps]) => steps.some((step) => LARGE.test(step)));
    expect(walking).toEqual([]);
  });
});
