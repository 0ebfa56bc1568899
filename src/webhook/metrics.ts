/** What Prometheus reads of webhooks: the store knows it, whichever process asks. */
import { Gauge, Registry } from 'prom-client';
import type { Database } from '../report/store/database.ts';
import { countDeliveries, DELIVERY_STATES, oldestPending } from '../report/store/deliveries.ts';
import { countWebhooks } from '../report/store/webhooks.ts';

/** Prometheus' text format. */
export async function webhookMetrics(db: Database, now: number): Promise<string> {
  const registry = new Registry();
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `deadair_${name}`, help, labelNames, registers: [registry] });
  const webhooks = gauge('webhooks', 'subscriptions by state', ['state']);
  for (const { state, n } of countWebhooks(db)) webhooks.set({ state }, n);
  const deliveries = gauge('webhook_deliveries', 'deliveries in the log by state', ['state']);
  for (const state of DELIVERY_STATES) deliveries.set({ state }, 0);
  for (const { state, n } of countDeliveries(db)) deliveries.set({ state }, n);
  const oldest = oldestPending(db);
  const waits = oldest === null ? 0 : Math.max(0, now - oldest) / 1000;
  gauge('webhook_oldest_pending_seconds', 'age of the oldest undelivered one').set(waits);
  return registry.metrics();
}
