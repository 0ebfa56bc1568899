/** Subscriptions over the API: who hears of what, and what became of it. For admins. */
import type { FastifyInstance } from 'fastify';
import { pageFrom } from '../../report/api/paging.ts';
import { notFound, Problem } from '../../report/api/problem.ts';
import { typed } from '../../report/api/typed.ts';
import { deliveryOf, listDeliveries, redeliver } from '../../report/store/deliveries.ts';
import { deleteWebhook, listWebhooks, webhookOf } from '../../report/store/webhooks.ts';
import {
  makeWebhook,
  patchWebhook,
  type Registry,
  rotateWebhook,
  testWebhook,
  WebhookRefused,
} from '../registry.ts';
import * as routes from './operations.ts';
import { deliveryView, madeView, webhookView } from './views.ts';

/** Well formed, and not allowed. */
async function orProblem<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    throw thrown instanceof WebhookRefused ? new Problem('refused', thrown.message) : thrown;
  }
}

/** What is there, or 404. */
function known<T>(found: T | null, what = 'webhook'): T {
  if (found === null) throw notFound(what);
  return found;
}

function subscriptionRoutes(plain: FastifyInstance, registry: Registry): void {
  const { db } = registry;
  const app = typed(plain);
  app.post('/api/v1/webhooks', { schema: routes.make }, async (request, reply) => {
    const made = await orProblem(makeWebhook(registry, request.body));
    const at = `/api/v1/webhooks/${made.webhook.id}`;
    return reply.code(201).header('location', at).send(madeView(made));
  });
  app.get('/api/v1/webhooks', { schema: routes.list }, (request, reply) => {
    const { items, next } = listWebhooks(db, pageFrom(request.query));
    return reply.send({ items: items.map(webhookView), next });
  });
  app.get('/api/v1/webhooks/:id', { schema: routes.get }, (request, reply) =>
    reply.send(webhookView(known(webhookOf(db, request.params.id)))),
  );
  app.patch('/api/v1/webhooks/:id', { schema: routes.patch }, async (request, reply) => {
    const changed = await orProblem(patchWebhook(registry, request.params.id, request.body));
    return reply.send(webhookView(known(changed)));
  });
  app.delete('/api/v1/webhooks/:id', { schema: routes.remove }, (request, reply) => {
    if (!deleteWebhook(db, request.params.id)) throw notFound('webhook');
    return reply.code(204).send();
  });
  app.post('/api/v1/webhooks/:id/rotate', { schema: routes.rotate }, (request, reply) =>
    reply.send(madeView(known(rotateWebhook(registry, request.params.id)))),
  );
}

function deliveryRoutes(plain: FastifyInstance, registry: Registry): void {
  const { db, now = Date.now } = registry;
  const app = typed(plain);
  app.get('/api/v1/webhooks/:id/deliveries', { schema: routes.deliveries }, (request, reply) => {
    const { id } = known(webhookOf(db, request.params.id));
    const { state = null } = request.query;
    const { items, next } = listDeliveries(db, id, pageFrom(request.query), state);
    return reply.send({ items: items.map((each) => deliveryView(db, each)), next });
  });
  app.post('/api/v1/webhooks/:id/test', { schema: routes.test }, (request, reply) => {
    const delivery = known(testWebhook(registry, request.params.id));
    return reply.code(202).send({ delivery });
  });
  app.post('/api/v1/deliveries/:id/redeliver', { schema: routes.redeliver }, (request, reply) => {
    const { id } = known(deliveryOf(db, request.params.id), 'delivery');
    redeliver(db, id, now());
    return reply.code(202).send({ delivery: id });
  });
}

export function webhookRoutes(app: FastifyInstance, registry: Registry): void {
  subscriptionRoutes(app, registry);
  deliveryRoutes(app, registry);
}
