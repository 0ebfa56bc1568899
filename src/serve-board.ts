/**
 * bull-board at /admin/queues: a look into the queues for admins, read only. What can be done with a dead letter is done
 * over the API, which knows the jobs behind them.
 */
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { FastifyInstance } from 'fastify';
import type { Producer } from './queue/producer.ts';

type BoardOptions = Parameters<typeof createBullBoard>[0];

const PLACE = '/admin/queues';

/** Its page has styles in the document; its scripts are files. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'none'";

export async function boardRoutes(app: FastifyInstance, producer: Producer): Promise<void> {
  const serverAdapter = new FastifyAdapter();
  serverAdapter.setBasePath(PLACE);
  const queues = producer
    .queues()
    .map((queue) => new BullMQAdapter(queue, { readOnlyMode: true, allowRetries: false }));
  // Two copies of the same interface: the adapter brings one of its own.
  const adapter = serverAdapter as unknown as BoardOptions['serverAdapter'];
  createBullBoard({
    queues,
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: 'deadair' } },
  });
  app.addHook('onSend', async (_request, reply) => {
    reply.header('content-security-policy', POLICY);
  });
  await app.register(serverAdapter.registerPlugin(), { prefix: PLACE });
}
