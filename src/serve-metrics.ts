/** What Prometheus reads of the queues. Redis being away is a metric as well, not a scrape that fails. */
import { Gauge, Registry } from 'prom-client';
import type { Producer } from './queue/producer.ts';

export async function queueMetrics(producer: Producer): Promise<string> {
  const registry = new Registry();
  const registers = [registry];
  const up = new Gauge({ name: 'deadair_redis_up', help: '1 while Redis answers', registers });
  const depth = new Gauge({
    name: 'deadair_queue_jobs',
    help: 'jobs on a queue by state; failed: dead letters',
    labelNames: ['queue', 'state'],
    registers,
  });
  try {
    for (const [queue, depths] of Object.entries(await producer.depths())) {
      for (const [state, n] of Object.entries(depths)) depth.set({ queue, state }, n);
    }
    up.set(1);
  } catch {
    up.set(0);
  }
  return registry.metrics();
}
